// Command paint makes the generated parts of the demo site: the accounts of its fans and the pictures of its store. Run it with
// "go generate" in the folder above after changing it; what it makes is committed, so nobody else needs to.
package main

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
)

func main() {
	if err := paint("."); err != nil {
		fmt.Fprintln(os.Stderr, "paint:", err)
		os.Exit(1)
	}
}

// paint writes accounts.csv and web/assets/*.png into the folder of the site.
func paint(site string) error {
	if err := os.WriteFile(filepath.Join(site, "accounts.csv"), []byte(accountsCSV()), 0o644); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	for _, picture := range pictures() {
		if err := save(filepath.Join(site, "web", "assets", picture.name+".png"), picture); err != nil {
			return fmt.Errorf("write picture: %w", err)
		}
	}
	return nil
}

func save(path string, picture picture) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(file, picture.draw()); err != nil {
		_ = file.Close() // the first error is the one to tell
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return file.Close()
}
