package wire

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ring makes many sends with one system call. Its operations are not to wait (MSG_DONTWAIT), so they end while they are submitted: nothing is
// left behind that would belong to a thread, and no buffer is used afterwards. Only what does not go as usual is told (CQE_SKIP_SUCCESS).
type ring struct {
	fd             int
	sqTail, cqHead *uint32
	cqTail         *uint32
	sqMask, cqMask uint32
	sqes           []sqe
	cqes           []cqe
	maps           [2][]byte
}

// ringSize is how many sends one call makes at most.
const ringSize = 64

// sqe and cqe are the kernel's struct io_uring_sqe and io_uring_cqe.
type sqe struct {
	op, flags   uint8
	ioprio      uint16
	fd          int32
	off, addr   uint64
	len, opFlag uint32
	data        uint64
	_           [3]uint64
}

type cqe struct {
	data  uint64
	res   int32
	flags uint32
}

// ringParams is struct io_uring_params.
type ringParams struct {
	sqEntries, cqEntries, flags, cpu, idle, features, wqFd uint32
	_                                                      [3]uint32
	sq                                                     struct {
		head, tail, mask, entries, flags, dropped, array, _ uint32
		_                                                   uint64
	}
	cq struct {
		head, tail, mask, entries, overflow, cqes, flags, _ uint32
		_                                                   uint64
	}
}

const (
	ringClamp      = 1 << 4
	ringSubmitAll  = 1 << 7  // an operation that fails does not stop those behind it
	ringSingleMap  = 1 << 0  // feature: both queues in one map
	ringCQESkip    = 1 << 11 // feature: success may be silent
	ringOffSQEs    = 0x10000000
	sqeSkipSuccess = 1 << 6
	opSend         = 26
)

// newRing makes one. The error says that the system is too old or does not permit it.
func newRing() (r *ring, err error) {
	p := ringParams{flags: ringClamp | ringSubmitAll}
	fd, _, e := syscall.Syscall(unix.SYS_IO_URING_SETUP, ringSize, uintptr(unsafe.Pointer(&p)), 0)
	if e != 0 {
		return nil, fmt.Errorf("io_uring: %w", e)
	}
	r = &ring{fd: int(fd)}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	if p.features&ringSingleMap == 0 || p.features&ringCQESkip == 0 {
		return nil, fmt.Errorf("io_uring: the kernel is too old")
	}
	size := max(int(p.cq.cqes+p.cqEntries*uint32(unsafe.Sizeof(cqe{}))), int(p.sq.array+p.sqEntries*4))
	m, err := unix.Mmap(r.fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return nil, fmt.Errorf("io_uring: map: %w", err)
	}
	r.maps[0] = m
	sm, err := unix.Mmap(r.fd, ringOffSQEs, int(p.sqEntries)*int(unsafe.Sizeof(sqe{})), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return nil, fmt.Errorf("io_uring: map: %w", err)
	}
	r.maps[1] = sm
	at := func(offset uint32) *uint32 { return (*uint32)(unsafe.Pointer(&m[offset])) }
	r.sqTail, r.sqMask = at(p.sq.tail), *at(p.sq.mask)
	r.cqHead, r.cqTail, r.cqMask = at(p.cq.head), at(p.cq.tail), *at(p.cq.mask)
	r.cqes = unsafe.Slice((*cqe)(unsafe.Pointer(&m[p.cq.cqes])), p.cqEntries)
	r.sqes = unsafe.Slice((*sqe)(unsafe.Pointer(&sm[0])), p.sqEntries)
	for i, array := 0, unsafe.Slice(at(p.sq.array), p.sqEntries); i < len(array); i++ {
		array[i] = uint32(i)
	}
	return r, r.try()
}

// try finds out whether sending is permitted and tells what it should: a container may forbid operations one by one.
func (r *ring) try() error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(pair[1])
	good := &epollLink{fd: int32(pair[0]), out: new([outSize]byte), outLen: outSize}
	bad := &epollLink{fd: -1, out: good.out, outLen: 1}
	r.send([]*epollLink{good, bad, good})
	unix.Close(pair[0])
	got := make([]byte, 4*outSize)
	n, _ := unix.Read(pair[1], got)
	if n != 2*outSize || good.trouble != troubleNone || bad.trouble != troubleLost || syscall.Errno(bad.outFrom) != syscall.EBADF {
		return fmt.Errorf("io_uring: sending is not permitted, or not as expected")
	}
	return nil
}

// send sends what links have, no more than ringSize of them.
func (r *ring) send(links []*epollLink) {
	tail := *r.sqTail
	for i, l := range links {
		r.sqes[tail&r.sqMask] = sqe{
			op: opSend, flags: sqeSkipSuccess, fd: l.fd, addr: uint64(uintptr(unsafe.Pointer(l.out))), len: uint32(l.outLen),
			// With MSG_WAITALL a send that takes only a part is one that is told.
			opFlag: unix.MSG_NOSIGNAL | unix.MSG_DONTWAIT | unix.MSG_WAITALL, data: uint64(i),
		}
		tail++
	}
	atomic.StoreUint32(r.sqTail, tail)
	for left := len(links); left > 0; {
		n, _, e := syscall.RawSyscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(left), 0, 0, 0, 0)
		switch {
		case e == 0:
			left -= int(n)
		case e != syscall.EINTR: // the kernel is short of something: the rest goes out one by one
			atomic.StoreUint32(r.sqTail, tail-uint32(left))
			for _, l := range links[len(links)-left:] {
				l.sent(sysWrite(int(l.fd), l.out[:l.outLen]))
			}
			left = 0
		}
	}
	head := *r.cqHead
	for end := atomic.LoadUint32(r.cqTail); head != end; head++ {
		c := &r.cqes[head&r.cqMask]
		if c.res < 0 {
			links[c.data].sent(0, syscall.Errno(-c.res))
		} else {
			links[c.data].sent(int(c.res), 0)
		}
	}
	atomic.StoreUint32(r.cqHead, head)
}

func (r *ring) close() {
	for _, m := range r.maps {
		if m != nil {
			unix.Munmap(m)
		}
	}
	unix.Close(r.fd)
}
