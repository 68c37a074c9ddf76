package screen

import (
	"fmt"
	"strings"
	"testing"
)

func TestDashboardScreens(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {140, 40}, {60, 20}, {40, 12}} {
		name := fmt.Sprintf("dashboard-%dx%d", size[0], size[1])
		t.Run(name, func(t *testing.T) {
			d := Dashboard{Live: fanLive(), Width: size[0], Height: size[1]}
			got := d.String()
			lines := strings.Split(got, "\n")
			if len(lines) > size[1] {
				t.Errorf("%d lines", len(lines))
			}
			for i, line := range lines {
				if width(line) > size[0] {
					t.Errorf("line %d is %d columns wide: %q", i, width(line), line)
				}
			}
			golden(t, name, got)
		})
	}
}
