package deploytest

import (
	"testing"
	"testing/synctest"
	"time"
)

// mostReal is how long a bubble may take by the clock on the wall. Those here take some milliseconds.
const mostReal = 3 * time.Minute

// Bubble is synctest.Test with an end. Code of others (AWS's SDK) runs in these bubbles, and virtual time stands still while anything in them is awake: whoever waits there
// for a moment by asking the clock again and again waits for ever, and no deadline of the bubble's own comes either. So the clock on the wall ends it, and the panic shows
// where everybody stood.
func Bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	name := t.Name()
	end := time.AfterFunc(mostReal, func() {
		panic(name + ": its virtual time stands still: something in the bubble waits by asking the clock again and again, or for what is outside; see the goroutines")
	})
	defer end.Stop()
	synctest.Test(t, f)
}
