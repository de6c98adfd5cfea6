"""Clients of a current librdkafka, all in one process: told what to be in JSON, they tell what they see in lines of JSON.

Lines out: [name, "a", id] acknowledged, [name, "f", id] refused or aborted, [name, "r", partition, offset] read,
[name, "e", text] an error that the application saw. The end of stdin ends all of them in order.
"""
import json
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer

TRANSACTION_RECORDS = 8
TRANSACTION_PAUSE_S = 0.25
spec = json.loads(sys.argv[1])
PAUSE_S = spec["pauseMs"] / 1000
stopping = threading.Event()
lock = threading.Lock()


def tell(*what):
    with lock:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()


def base(name, more):
    on_error = lambda error: error.fatal() and tell(name, "e", str(error))
    return {"bootstrap.servers": spec["bootstrap"], "client.id": name, "error_cb": on_error, **more}


def value(name, record, transaction=0):
    return f"{name}:{record}:{transaction}:".ljust(100, ".")


def write(name, more):
    producer = Producer(base(name, more))

    def told(record):
        def on_delivery(error, message):
            if error is None:
                tell(name, "a", record)
            else:
                tell(name, "e", str(error))

        return on_delivery

    record = 0
    while not stopping.is_set():
        partition = record % spec["partitions"]
        producer.produce(spec["topic"], value(name, record), partition=partition, on_delivery=told(record))
        producer.poll(0)
        record += 1
        time.sleep(PAUSE_S)
    producer.flush(30)


def transact(name):
    """As the documentation says: abortable errors are aborted, fatal ones need a new producer."""
    make = lambda: Producer(base(name, {"transactional.id": name, "transaction.timeout.ms": 60000}))
    producer, record, transaction = make(), 0, 0
    producer.init_transactions(30)
    while not stopping.is_set():
        ids = list(range(record, record + TRANSACTION_RECORDS))
        record += TRANSACTION_RECORDS
        transaction += 1
        try:
            producer.begin_transaction()
            for one in ids:
                producer.produce(spec["topic"], value(name, one, transaction), partition=one % spec["partitions"])
            producer.commit_transaction(30)
            for one in ids:
                tell(name, "a", one)
        except KafkaException as error:
            cause = error.args[0]
            tell(name, "e", str(cause))
            for one in ids:
                tell(name, "f" if cause.txn_requires_abort() else "u", one)
            try:
                if cause.txn_requires_abort():
                    producer.abort_transaction(30)
                else:
                    raise error
            except KafkaException:
                producer = make()
                producer.init_transactions(30)
        time.sleep(TRANSACTION_PAUSE_S)


def read(name, more):
    consumer = Consumer(base(name, {"group.id": name, "auto.offset.reset": "earliest", **more}))
    consumer.subscribe([spec["topic"]])
    while not stopping.is_set():
        message = consumer.poll(0.2)
        if message is None:
            continue
        if message.error() is None:
            tell(name, "r", message.partition(), message.offset())
        else:
            tell(name, "e", str(message.error()))
    consumer.close()


roles = {
    "plain": lambda name: write(name, {"enable.idempotence": False, "acks": "all"}),
    "idempotent": lambda name: write(name, {"enable.idempotence": True}),
    "transactional": transact,
    "classic": lambda name: read(name, {}),
    "consumer": lambda name: read(name, {"group.protocol": "consumer"}),
}


def guarded(role, name):
    try:
        roles[role](name)
    except Exception as error:  # told to the test, which judges it
        tell(name, "e", f"ended: {error}")


threads = [threading.Thread(target=guarded, args=(role, name)) for name, role in spec["clients"].items()]
for thread in threads:
    thread.start()
sys.stdin.read()
stopping.set()
for thread in threads:
    thread.join()
