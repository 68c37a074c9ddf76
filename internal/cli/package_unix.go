//go:build unix

package cli

import (
	"os"
	"syscall"
)

// exeSuffix is how names of programs end.
func exeSuffix() string { return "" }

// forward hands an interrupt on. A child that is gone needs none.
func forward(p *os.Process) {
	if err := p.Signal(syscall.SIGINT); err != nil {
		return
	}
}
