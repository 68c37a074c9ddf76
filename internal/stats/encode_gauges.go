package stats

// AppendBinary appends the gauges in the form they have in a snapshot.
func (g *Gauges) AppendBinary(dst []byte) []byte { return g.append(dst) }

// DecodeGauges reads what Gauges.AppendBinary wrote at the start of b, and returns what follows it. It is as safe as DecodeSnapshot.
func DecodeGauges(b []byte) (g Gauges, rest []byte, err error) {
	d := reader{b: b}
	if d.gauges(&g); d.err != nil {
		return Gauges{}, nil, d.err
	}
	return g, d.b, nil
}
