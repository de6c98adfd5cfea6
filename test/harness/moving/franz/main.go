// Clients of franz-go, all in one process: told what to be in JSON, they tell what they see in lines of JSON, as
// program.ts has them. The end of stdin ends all of them in order.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	endsWithin         = 30 * time.Second
	transactionRecords = 8
	transactionPause   = 250 * time.Millisecond
	valueBytes         = 100
)

var spec struct {
	Bootstrap  string            `json:"bootstrap"`
	Topic      string            `json:"topic"`
	Partitions int               `json:"partitions"`
	PauseMs    int               `json:"pauseMs"`
	Clients    map[string]string `json:"clients"`
}

var (
	stopping atomic.Bool
	lines    sync.Mutex
)

func tell(what ...any) {
	lines.Lock()
	defer lines.Unlock()
	line, _ := json.Marshal(what)
	fmt.Println(string(line))
}

func client(name string, more ...kgo.Opt) *kgo.Client {
	options := []kgo.Opt{
		kgo.SeedBrokers(spec.Bootstrap),
		kgo.ClientID(name),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		// Its default is one that kafkajs cannot read.
		kgo.ProducerBatchCompression(kgo.GzipCompression()),
	}
	made, err := kgo.NewClient(append(options, more...)...)
	if err != nil {
		panic(err)
	}
	return made
}

func record(name string, id int, transaction int) *kgo.Record {
	value := fmt.Sprintf("%s:%d:%d:", name, id, transaction)
	value += strings.Repeat(".", max(0, valueBytes-len(value)))
	return &kgo.Record{Topic: spec.Topic, Partition: int32(id % spec.Partitions), Value: []byte(value)}
}

func write(name string, more ...kgo.Opt) {
	producer := client(name, more...)
	for id := 0; !stopping.Load(); id++ {
		producer.Produce(context.Background(), record(name, id, 0), func(_ *kgo.Record, err error) {
			if err != nil {
				tell(name, "e", err.Error())
			} else {
				tell(name, "a", id)
			}
		})
		time.Sleep(time.Duration(spec.PauseMs) * time.Millisecond)
	}
	within, cancel := context.WithTimeout(context.Background(), endsWithin)
	defer cancel()
	if err := producer.Flush(within); err != nil {
		tell(name, "e", err.Error())
	}
	producer.Close()
}

// As the documentation says: what fails is aborted; a producer that cannot even do that is made anew.
func transact(name string) {
	open := func() *kgo.Client { return client(name, kgo.TransactionalID(name)) }
	producer := open()
	for first, transaction := 0, 1; !stopping.Load(); first, transaction = first+transactionRecords, transaction+1 {
		err := commit(producer, name, first, transaction)
		outcome := "a"
		if err != nil {
			tell(name, "e", err.Error())
			outcome = "f"
			if err := producer.EndTransaction(context.Background(), kgo.TryAbort); err != nil {
				tell(name, "e", "abort: "+err.Error())
				outcome = "u"
				producer.Close()
				producer = open()
			}
		}
		for id := first; id < first+transactionRecords; id++ {
			tell(name, outcome, id)
		}
		time.Sleep(transactionPause)
	}
	producer.Close()
}

func commit(producer *kgo.Client, name string, first int, transaction int) error {
	if err := producer.BeginTransaction(); err != nil {
		return err
	}
	var records []*kgo.Record
	for id := first; id < first+transactionRecords; id++ {
		records = append(records, record(name, id, transaction))
	}
	if err := producer.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		return err
	}
	return producer.EndTransaction(context.Background(), kgo.TryCommit)
}

func read(name string, more ...kgo.Opt) {
	group := []kgo.Opt{
		kgo.ConsumerGroup(name),
		kgo.ConsumeTopics(spec.Topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMaxWait(500 * time.Millisecond),
	}
	consumer := client(name, append(group, more...)...)
	for !stopping.Load() {
		within, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		fetches := consumer.PollFetches(within)
		cancel()
		fetches.EachError(func(_ string, _ int32, err error) {
			if !errors.Is(err, context.DeadlineExceeded) {
				tell(name, "e", err.Error())
			}
		})
		fetches.EachRecord(func(one *kgo.Record) { tell(name, "r", one.Partition, one.Offset) })
	}
	consumer.Close()
}

var roles = map[string]func(name string){
	"plain": func(name string) {
		write(name, kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1))
	},
	"idempotent":    func(name string) { write(name) },
	"transactional": transact,
	"classic":       func(name string) { read(name) },
	"consumer":      func(name string) { read(name, kgo.Balancers(kgo.RangeBalancer()), kgo.ServerSideBalancer()) },
}

func main() {
	if err := json.Unmarshal([]byte(os.Args[1]), &spec); err != nil {
		panic(err)
	}
	var all sync.WaitGroup
	for name, role := range spec.Clients {
		all.Go(func() { roles[role](name) })
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	stopping.Store(true)
	all.Wait()
}
