package deploy

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// File is one file of a bundle, or of what somebody applies by hand.
type File struct {
	Name   string      // slash-separated, below the folder of them all
	Mode   fs.FileMode // zero means 0644
	Data   []byte
	Secret bool // it is never printed, and written for its owner alone
}

// Text is a file of text.
func Text(name, text string) File { return File{Name: name, Data: []byte(text)} }

// Perm is the mode of a file on disk.
func (f *File) Perm() fs.FileMode {
	switch {
	case f.Secret:
		return 0o600
	case f.Mode == 0:
		return 0o644
	}
	return f.Mode
}

// Print is all files with their contents as one text. Each begins with a line that is a comment in every format that is used here; binary files and
// secrets show their size alone.
func Print(files []File) string {
	var b strings.Builder
	for i := range files {
		f := &files[i]
		if i > 0 {
			b.WriteString("---\n")
		}
		fmt.Fprintf(&b, "# %s", f.Name)
		switch {
		case f.Secret:
			fmt.Fprintf(&b, " (a secret of %d bytes)\n", len(f.Data))
		case len(f.Data) == 0:
			b.WriteString(" (made when it is needed)\n")
		case !utf8.Valid(f.Data) || bytes.IndexByte(f.Data, 0) >= 0:
			fmt.Fprintf(&b, " (%d bytes)\n", len(f.Data))
		default:
			b.WriteByte('\n')
			b.Write(f.Data)
			if !bytes.HasSuffix(f.Data, []byte("\n")) {
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}

// Write puts files into a folder, which is made when it is not there. A file that is there already with other contents is a mistake, and then
// nothing is written.
func Write(folder string, files []File) error {
	var wrong []error
	for i := range files {
		at := filepath.Join(folder, filepath.FromSlash(files[i].Name))
		old, err := os.ReadFile(at)
		if err == nil && !bytes.Equal(old, files[i].Data) {
			wrong = append(wrong, fmt.Errorf("%s is there already, and differs: choose another folder, or remove it", at))
		}
	}
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	for i := range files {
		f := &files[i]
		at := filepath.Join(folder, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return fmt.Errorf("write %s: %w", f.Name, err)
		}
		if err := os.WriteFile(at, f.Data, f.Perm()); err != nil {
			return fmt.Errorf("write %s: %w", f.Name, err)
		}
	}
	return nil
}

// longestName leaves room for what is put behind a name, in the 40 characters that the strictest place allows.
const longestName = 20

var nameRule = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// CheckName says what is wrong with the name of a deployment.
func CheckName(name string) error {
	if !nameRule.MatchString(name) || len(name) > longestName {
		return fmt.Errorf("name %q: use up to %d small letters, digits and single hyphens, and begin with a letter", name, longestName)
	}
	return nil
}

// Prefix begins the names of all that is made for a deployment, unless another one is given.
const Prefix = "stampede"

// CheckPrefix says what is wrong with a prefix for the names of a deployment.
func CheckPrefix(prefix, name string) error {
	if prefix != Prefix && (!nameRule.MatchString(prefix) || len(prefix)+len(name) > longestName+len(Prefix)) {
		return fmt.Errorf("prefix %q: use small letters, digits and single hyphens, begin with a letter, and with the name up to %d of them", prefix, longestName+len(Prefix))
	}
	return nil
}

// Name makes a name that [CheckName] takes of any text: that of a test, or of a folder.
func Name(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(path.Base(filepath.ToSlash(text))) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := b.String()
	if len(name) > longestName {
		name = name[:longestName]
	}
	if name = strings.Trim(name, "-"); name == "" {
		return "load"
	}
	return name
}

// Mark ends the words on the cost of each run of a deployment, so that what the deployment came to in all is written beside them.
func Mark(name string) string { return "deployment " + name }
