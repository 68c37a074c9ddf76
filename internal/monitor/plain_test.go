package monitor

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestPlain(t *testing.T) {
	for want, err := range map[string]error{
		"dial tcp: refused":             errors.New("dial tcp: refused"),
		"failed: a: refused b: refused": errors.New("failed:\n\ta: refused\n\tb: refused"),
		"ask MySQL at db:3306: no answer in time; is this its address and port, is this machine let in, and does it answer within seconds?": fmt.Errorf("ask MySQL at db:3306: %w", context.DeadlineExceeded),
	} {
		if got := plain(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
