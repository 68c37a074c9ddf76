package cli

import "os"

// exeSuffix is how names of programs end.
func exeSuffix() string { return ".exe" }

// forward ends the child: Windows has no signal to hand on. One that is gone needs no ending.
func forward(p *os.Process, _ os.Signal) {
	if err := p.Kill(); err != nil {
		return
	}
}
