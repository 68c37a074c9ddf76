//go:build !unix

package fleet

import (
	"fmt"
	"os"
	"path/filepath"
)

// lockFolder opens the file of the lock; this system has no way to keep others out.
func lockFolder(folder string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("fleet: lock %s: %w", folder, err)
	}
	return f, nil
}
