package harness;

/** The longest time between two good things, since `calm`. */
final class Pauses {
  private long lastAt = -1;
  private long longestMs;

  synchronized void note() {
    long now = System.currentTimeMillis();
    if (lastAt >= 0) longestMs = Math.max(longestMs, now - lastAt);
    lastAt = now;
  }

  synchronized void calm() {
    longestMs = 0;
    lastAt = System.currentTimeMillis();
  }

  synchronized long longestMs() {
    return longestMs;
  }
}
