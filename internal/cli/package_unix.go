//go:build unix

package cli

import "os"

// exeSuffix is how names of programs end.
func exeSuffix() string { return "" }

// forward hands a signal on. A child that is gone needs none.
func forward(p *os.Process, s os.Signal) {
	if err := p.Signal(s); err != nil {
		return
	}
}
