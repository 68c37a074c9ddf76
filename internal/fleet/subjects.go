package fleet

import (
	"fmt"
	"strconv"
	"strings"
)

// Protocol is the version of subjects and messages. It is the first part of each subject.
const Protocol = 1

const prefix = "stampede1"

// joinSubject, stampede1.join: a worker that has only the token asks to be let in. Hello, answered by Welcome.
func joinSubject() string { return prefix + ".join" }

// fileSubject, stampede1.file: a part of a file of the job, or of the test's binary. FileRequest, answered by its bytes.
func fileSubject() string { return prefix + ".file" }

// operatorSubject, stampede1.operator: somebody on the controller's machine asks who is there, or lets a worker drain. Wish, answered by Granted.
func operatorSubject() string { return prefix + ".operator" }

const operatorInbox = "_INBOX.O"

// beatSubject, stampede1.w.N.beat: once a second. Beat, answered by Answer.
func beatSubject(n int) string { return workerSubject(n, "beat") }

// callSubject, stampede1.w.N.call: the controller has something new. Answer, without an answer of its own.
func callSubject(n int) string { return workerSubject(n, "call") }

// snapSubject, stampede1.w.N.snap.RUN: one second, into the stream.
func snapSubject(n int, run string) string { return workerSubject(n, "snap."+run) }

// endSubject, stampede1.w.N.end.RUN: how a worker's part of a run ended, into the stream. Ended.
func endSubject(n int, run string) string { return workerSubject(n, "end."+run) }

func workerSubject(n int, what string) string { return fmt.Sprintf("%s.w.%d.%s", prefix, n, what) }

// workerInbox is where answers to a worker go.
func workerInbox(n int) string { return fmt.Sprintf("_INBOX.W.%d", n) }

// beatInbox is where the answers to beats go, under the time at which each was sent.
func beatInbox(n int) string { return workerInbox(n) + ".beat." }

// joinerInbox is where answers go to somebody who is not a worker yet, by its key.
func joinerInbox(key string) string { return "_INBOX.J." + key }

// parseWorker reads stampede1.w.N.WHAT[.RUN].
func parseWorker(subject string) (n int, what, run string, ok bool) {
	parts := strings.Split(subject, ".")
	if len(parts) < 4 || parts[0] != prefix || parts[1] != "w" {
		return 0, "", "", false
	}
	n, err := strconv.Atoi(parts[2])
	if err != nil || n < 0 {
		return 0, "", "", false
	}
	if len(parts) == 5 {
		run = parts[4]
	}
	return n, parts[3], run, len(parts) <= 5
}

// The stream that snapshots and endings go through.
const streamName = "STAMPEDE_SECONDS"

func streamSubjects() []string {
	return []string{prefix + ".w.*.snap.*", prefix + ".w.*.end.*"}
}
