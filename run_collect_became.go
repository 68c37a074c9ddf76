package stampede

import (
	"fmt"
	"strings"
	"sync"
)

// became is what the load of a run was changed to while it went on.
type became struct{ users, rate levels }

// levels are the levels that somebody asked for, one after the other. It is safe for concurrent use.
type levels struct {
	mu    sync.Mutex
	texts []string
}

// levelsShown is how many changes are told one by one.
const levelsShown = 3

func (l *levels) to(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.texts = append(l.texts, text)
}

// after is a load and what it was changed to: "20, then 50". Many changes are told by their number and the last: "20, changed 12 times, at last
// 50".
func (l *levels) after(plan string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch n := len(l.texts); {
	case n == 0:
		return plan
	case n <= levelsShown:
		return strings.Join(append([]string{plan}, l.texts...), ", then ")
	default:
		return fmt.Sprintf("%s, changed %d times, at last %s", plan, n, l.texts[n-1])
	}
}
