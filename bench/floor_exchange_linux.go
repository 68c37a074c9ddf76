package main

import (
	"net"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// bareExchange is the least that a request can seem to take here: two threads on two cores that send each other a byte over TCP with blocking
// calls and do nothing else. What it takes is loopback and two wake-ups; none of it is anybody's error.
func bareExchange(every, length time.Duration) (lateness, bool) {
	near, far, err := tcpPair()
	if err != nil {
		return lateness{}, false
	}
	defer near.Close()
	go func() {
		defer far.Close()
		pin(1)
		b := make([]byte, 1)
		for {
			if n, err := unix.Read(int(far.Fd()), b); n != 1 || err != nil {
				return
			}
			if _, err := unix.Write(int(far.Fd()), b); err != nil {
				return
			}
		}
	}()
	took := make(chan []time.Duration, 1)
	go func() {
		pin(0)
		took <- exchanges(int(near.Fd()), every, length)
	}()
	return latenessOf(<-took)
}

func exchanges(fd int, every, length time.Duration) []time.Duration {
	all := make([]time.Duration, 0, length/every)
	b := make([]byte, 1)
	for range cap(all) {
		pause := unix.NsecToTimespec(int64(every))
		_ = unix.Nanosleep(&pause, nil)
		begun := time.Now()
		if _, err := unix.Write(fd, b); err != nil {
			return nil
		}
		if n, err := unix.Read(fd, b); n != 1 || err != nil {
			return nil
		}
		all = append(all, time.Since(begun))
	}
	return all
}

// pin ties the goroutine to a thread of its own on one core, until both end.
func pin(core int) bool {
	runtime.LockOSThread()
	var set unix.CPUSet
	set.Set(core)
	return unix.SchedSetaffinity(0, &set) == nil
}

// tcpPair is two ends of one connection, in blocking mode.
func tcpPair() (near, far *os.File, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	s, err := l.Accept()
	if err != nil {
		return nil, nil, err
	}
	defer s.Close()
	if near, err = c.(*net.TCPConn).File(); err != nil {
		return nil, nil, err
	}
	if far, err = s.(*net.TCPConn).File(); err != nil {
		near.Close()
		return nil, nil, err
	}
	for _, f := range []*os.File{near, far} {
		if err := unix.SetNonblock(int(f.Fd()), false); err != nil {
			return nil, nil, err
		}
	}
	return near, far, nil
}
