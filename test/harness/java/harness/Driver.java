package harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Kafka's own Java client behind JSON lines, so that one process serves a whole test file. A request is a line on stdin,
 * {"id", "op", ...}; its answers are lines on stdout: any number of {"id", "part"}, then {"id", "done"} or
 * {"id", "error", "type"}. Requests run side by side. The process ends when stdin closes.
 */
public final class Driver {
  static final ObjectMapper JSON = new ObjectMapper();

  /** One thing that the driver can do; `part` sends something before the answer. */
  interface Operation {
    Object run(JsonNode request, Part part) throws Exception;
  }

  interface Part {
    void send(Object value) throws Exception;
  }

  private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

  private Driver() {}

  public static void main(String[] args) throws Exception {
    // Whatever a library prints must not come between the answers.
    System.setOut(System.err);
    Map<String, Operation> operations = new HashMap<>();
    Reading.addTo(operations);
    Writing.addTo(operations);
    Loading.addTo(operations);
    Journals.addTo(operations);
    Groups.addTo(operations);
    Following.addTo(operations);
    Topics.addTo(operations);
    Security.addTo(operations);
    ExecutorService threads = Executors.newCachedThreadPool();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode request = JSON.readTree(line);
      threads.execute(() -> answer(operations.get(request.get("op").asText()), request));
    }
    // Clients that a failed test left open must not keep the process.
    Runtime.getRuntime().halt(0);
  }

  private static void answer(Operation operation, JsonNode request) {
    long id = request.get("id").asLong();
    try {
      if (operation == null) throw new IllegalArgumentException("no operation " + request.get("op"));
      Object done = operation.run(request, part -> print(Map.of("id", id, "part", part)));
      print(Map.of("id", id, "done", done));
    } catch (Throwable error) {
      Throwable cause = error instanceof java.util.concurrent.ExecutionException ? error.getCause() : error;
      String type = cause.getClass().getSimpleName();
      print(Map.of("id", id, "error", messages(cause), "type", type));
    }
  }

  private static String messages(Throwable error) {
    StringBuilder text = new StringBuilder(String.valueOf(error.getMessage()));
    for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) text.append("; ").append(cause);
    return text.toString();
  }

  private static void print(Object value) {
    try {
      String line = JSON.writeValueAsString(value);
      synchronized (OUT) {
        OUT.println(line);
        OUT.flush();
      }
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }
}
