package pace

import (
	"math"
	"math/rand/v2"
)

// blockLen is how many gaps are made together.
const blockLen = 256

// gaps are independent exponential gaps of mean 1, the same for the same seed everywhere.
//
// They come in blocks, each with a random source of its own (seed and number of the block): first the sum of the block, a Gamma
// variable of shape blockLen, then its gaps, scaled to that sum. Exponential gaps divided by their sum are independent of the sum, so
// the product is distributed exactly as plain gaps are; and a block can be skipped for the price of its sum.
type gaps struct {
	seed  uint64
	block int64
	base  float64 // sum of all blocks before
	total float64 // sum of this block
	lost  float64 // what the additions to base lost (Kahan)
	made  bool    // ends is of this block
	ends  [blockLen]float64
	pcg   rand.PCG
}

// start is at block 0.
func (g *gaps) start(seed uint64) {
	g.seed, g.block, g.base, g.lost = seed, 0, 0, 0
	g.open()
}

// open draws the sum of the block.
func (g *gaps) open() {
	g.pcg.Seed(g.seed, uint64(g.block)*0x9E3779B97F4A7C15+1)
	g.total = g.gamma(blockLen)
	g.made = false
}

// next goes one block on.
func (g *gaps) next() {
	y := g.total - g.lost
	sum := g.base + y
	g.lost = (sum - g.base) - y
	g.base = sum
	g.block++
	g.open()
}

// skip goes to a block, not before the present one.
func (g *gaps) skip(block int64) {
	for g.block < block {
		g.next()
	}
}

// sum is the sum of the gaps up to that before arrival n, which is in the block.
func (g *gaps) sum(n int64) float64 {
	if !g.made {
		g.make()
	}
	return g.base + g.ends[n-g.block*blockLen]
}

// make draws the gaps of the block.
func (g *gaps) make() {
	sum := 0.0
	for i := range g.ends {
		sum += -math.Log(g.uniform())
		g.ends[i] = sum
	}
	scale := g.total / sum
	for i := range g.ends {
		g.ends[i] *= scale
	}
	g.made = true
}

// uniform is in (0, 1].
func (g *gaps) uniform() float64 {
	return float64(g.pcg.Uint64()>>11+1) * (1.0 / (1 << 53))
}

// normal is a standard normal variable (Box and Muller; a rare use, so no table).
func (g *gaps) normal() float64 {
	return math.Sqrt(-2*math.Log(g.uniform())) * math.Cos(2*math.Pi*g.uniform())
}

// gamma is a Gamma variable of a shape >= 1 and scale 1 (Marsaglia and Tsang, "A simple method for generating gamma variables", ACM
// TOMS 26, 2000).
func (g *gaps) gamma(shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := g.normal()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(g.uniform()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
