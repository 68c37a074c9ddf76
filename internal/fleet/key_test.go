package fleet

import (
	"encoding/base64"
	"strings"
	"testing"
)

// With a key of its own a controller has the pin that was known before it was started.
func TestKeyKeepsThePin(t *testing.T) {
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	pin, err := KeyPin(key)
	if err != nil || len(pin) != 64 {
		t.Fatal(pin, err)
	}
	plain, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := KeyPin(string(plain) + "\n"); err != nil || again != pin {
		t.Errorf("as PEM it has the pin %s: %v", again, err)
	}
	for range 2 {
		c, err := Listen(t.Context(), Options{Version: "1", Folder: t.TempDir(), Key: key})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.JoinURL().Pin; got != pin {
			t.Errorf("the pin is %s, want %s", got, pin)
		}
		c.Close()
	}
	for _, bad := range []string{"", "s3cret", base64.StdEncoding.EncodeToString([]byte("s3cret")), strings.Replace(string(plain), "PRIVATE KEY", "SECRET KEY", 2)} {
		if _, err := KeyPin(bad); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}
