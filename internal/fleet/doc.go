// Package fleet makes one run of many machines. A controller listens, workers dial in; NATS (embedded in the controller, with JetStream) carries
// what they say to each other.
//
// # The protocol
//
// subjects.go is the whole of it: every subject is a function there, and roles.go says who may use which. Messages are JSON (messages.go), but
// for snapshots: those are stats.Snapshot in binary, compressed, in a stream that keeps them until the run is over.
//
// A worker joins with the token of the join URL, over TLS 1.3 with the certificate that the URL pins, and hands in the public half of a key that
// it has just made. From then on it connects with that key, and may publish under its own number alone.
//
// Workers ask, the controller answers: once a second each worker sends a beat, and the answer holds the job and all orders that it does not know
// yet. A call makes it beat at once. Beats carry the clocks of both sides too, and what a worker says in one acknowledges the orders before it.
//
// # Shares
//
// Nobody ticks over the network. The controller keeps a numbered log of orders, each with the run time from which it holds; workers derive
// from it, and from the plan, what is theirs at any time (pace.Deal). Who has to give something up is told first: only when all givers have
// acknowledged an order do the takers hear of it. So nothing is sent twice, and what nobody sent is counted: it is lost.
// A number of iterations is dealt out at the start, and again when somebody has left some undone (drive_iterations.go).
//
// # What is kept
//
// Worker: snapshots until the stream has them, for ten minutes at most. Controller: state.json (certificate, keys, log of orders) and the
// stream, in a folder of its own, so that one that was killed can go on (Resume).
package fleet
