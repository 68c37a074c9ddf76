package testsite

// TB is the part of testing.TB that [New] and [NewChild] need. It keeps the testing package out of programs that use this one.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Cleanup(func())
}

// New runs a server inside the process until the test ends.
func New(t TB, config Config) *Server {
	t.Helper()
	s, err := Start(config)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("%v", err)
		}
	})
	return s
}

// NewChild runs a server in a process of its own, made of this test binary, until the test ends. See [ExitIfChild].
func NewChild(t TB, config Config) *Child {
	t.Helper()
	c, err := StartChild("", config)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("%v", err)
		}
	})
	return c
}
