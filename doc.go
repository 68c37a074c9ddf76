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
// Package launch turns that into a program with commands. [Run] runs a [Plan] from a Go program or a go test and gives a [Report];
// [Start] does the same and lets you watch and change the load while it runs. There are no globals: two runs in one process never meet.
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
