//go:build !unix

package main

import (
	"errors"
	"os"
)

func hold(*os.Process) error    { return errors.ErrUnsupported }
func release(*os.Process) error { return errors.ErrUnsupported }
