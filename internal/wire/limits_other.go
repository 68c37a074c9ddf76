//go:build !unix

package wire

// RaiseDescriptorLimit does nothing: this system sets no limit of its own on a process's sockets. Both limits are 0, unknown.
func RaiseDescriptorLimit() (soft, hard uint64, err error) { return 0, 0, nil }

func supply() Supply { return Supply{} }
