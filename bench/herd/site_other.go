//go:build !linux

package main

import (
	"context"
	"errors"
)

func site(context.Context, []string) error {
	return errors.New("the site for very many connections needs epoll: run it on Linux")
}
