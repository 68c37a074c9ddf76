package main

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// What is committed must be what this command makes. Pictures are compared by their pixels: two versions of Go may compress differently.
func TestCommittedFilesAreUpToDate(t *testing.T) {
	const site = ".."
	accounts, err := os.ReadFile(filepath.Join(site, "accounts.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if string(accounts) != accountsCSV() {
		t.Error("accounts.csv differs: run go generate in the folder above")
	}
	for _, picture := range pictures() {
		file, err := os.Open(filepath.Join(site, "web", "assets", picture.name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(file)
		_ = file.Close()
		if err != nil {
			t.Fatal(err)
		}
		if !same(img, picture.draw()) {
			t.Errorf("%s.png differs: run go generate in the folder above", picture.name)
		}
	}
}

// same compares pixels with a tolerance of one step of 256: compilers may fuse multiplications and additions.
func same(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	near := func(x, y uint32) bool { return max(x, y)-min(x, y) <= 0x101 }
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if !near(r1, r2) || !near(g1, g2) || !near(b1, b2) {
				return false
			}
		}
	}
	return true
}

func TestPaintIntoAnEmptyFolder(t *testing.T) {
	site := t.TempDir()
	if err := os.MkdirAll(filepath.Join(site, "web", "assets"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := paint(site); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(site, "web", "assets", "*.png"))
	if err != nil || len(files) != len(pictures()) {
		t.Errorf("%d pictures, %v; want %d", len(files), err, len(pictures()))
	}
	if err := paint(filepath.Join(site, "nowhere")); err == nil {
		t.Error("painting into a missing folder gave no error")
	}
}
