package stampede

// InVirtualTime makes a plan run with timers that synctest can advance.
func InVirtualTime(p Plan) Plan {
	p.virtual = true
	return p
}
