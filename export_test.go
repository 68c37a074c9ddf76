package stampede

// InVirtualTime makes a plan run with timers that synctest can advance.
func InVirtualTime(p Plan) Plan {
	p.virtual = true
	p.HTTP.IO = "net" // a poller waits for descriptors, which no virtual clock knows
	return p
}

// Odd is whether a share is further off than chance takes it.
func Odd(k, n int64, share float64, tasks int) bool { return odd(k, n, share, tasks) }
