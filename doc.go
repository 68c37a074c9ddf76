// Package stampede is load testing for the moment everyone arrives at once.
//
// A test is plain Go: a struct that embeds [HTTPUser] is one simulated visitor with its own cookies and connections, its methods are
// tasks, and a [Spec] says how often each is done and how long visitors wait between them:
//
//	type Fan struct{ stampede.HTTPUser }
//
//	func (f *Fan) News(ctx context.Context) error {
//		_, err := f.Get(ctx, "/news")
//		return err
//	}
//
//	func main() {
//		launch.Main(stampede.Test{Users: []stampede.UserType{
//			stampede.Users(stampede.Spec[Fan]{
//				Wait:  stampede.Between(time.Second, 5*time.Second),
//				Tasks: []stampede.Task[Fan]{{Do: (*Fan).News}},
//			}),
//		}})
//	}
//
// Package launch turns that into a program with commands. There are no globals: two runs in one process never meet.
//
// # Writing a test
//
// A [Test] has user types. [Users] makes one of a [Spec], with [Task] values or a [Set] of them in an [Order]; [Pages] makes one of addresses
// alone. The pause between tasks is a [Wait]: [Constant], [Between], [Pacing], [Throughput], [WaitFunc].
//
// An [HTTPUser] asks with Get, Post, Do and others, loads a whole [Page] with what belongs to it, and does several things at once with Together.
// Options say the rest of a request: its [Name] in the report, what it sends ([Form], [JSON], [Body], [Multipart], [Query], [WithHeader], [Bearer],
// [BasicAuth], [Digest]) and what is success ([Expect], [Check]). A [Response] is what came back. How all users of a type speak HTTP is in [HTTP].
//
// What is not HTTP embeds [User] and tells of itself with Record, or with a [Sample].
//
// Data comes from a [Feeder]: [CSV], [JSONLines], [Rows]. The load over time is a [Shape]: [Level], [Ramp], [Stages], [Steps], [Spike], [Sine],
// [Playback], [ShapeFunc], joined by [Then], [Sum], [Scale] and [For]; [Must] makes them usable in a literal. Rules are a [Threshold], read by
// [ParseThreshold] or built from a [Figure]: [P95], [Quantile], [Failures], [RateOf].
//
// # Running a test from a program
//
// Most authors never need what follows. [Run] runs a [Plan] and gives a [Report], [Start] does the same and gives a [Running], which can be
// watched, changed, paused and stopped. [Try] does each task once and prints what was asked and answered.
//
// A Report has a [Row] for each name, thresholds, a verdict, [Phase] by phase, and the course of the run. An [Observer] is told each [Second] and
// each [Event] while they happen; a [Live] is how a run stands now.
//
// A run whose users are elsewhere has a [Driver], which is given a [Collector]; there each worker is a [WorkerRun]. Packages of this module build
// the fleet from them.
//
// # How the parts meet
//
// internal/pace says when each user or arrival is due, internal/mix which user type it is; internal/engine owns the goroutines and runs
// them; this package turns a request into a sample and gives it to internal/stats, which adds samples up into one snapshot a second.
// Snapshots are merged into seconds, internal/verdict judges those, and a Report is what remains. internal/wire moves the bytes.
//
// # Memory and goroutines
//
// A user that waits between tasks has no goroutine; its struct is all it costs. A [Response] is valid until the same user's next
// request or the end of the task, whichever comes first; what you need longer, copy. Everything else you are given is yours.
package stampede
