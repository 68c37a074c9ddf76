package verdict

import (
	"math"
	"testing"
)

// TestDistributions uses printed tables.
func TestDistributions(t *testing.T) {
	for _, tc := range []struct {
		name      string
		got, want float64
	}{
		{"normal 1.96", 2 * normalTail(1.959963984540054), 0.05},
		{"normal 0", normalTail(0), 0.5},
		{"t 95 %, 1", studentPoint(0.05, 1), 12.70620473617471},
		{"t 95 %, 5", studentPoint(0.05, 5), 2.570581835636314},
		{"t 95 %, 29", studentPoint(0.05, 29), 2.045229642132703},
		{"t 95 %, many", studentPoint(0.05, 1e7), 1.95996},
		{"t 99 %, 10", studentPoint(0.01, 10), 3.169272672616873},
		{"t tail", studentTail(2.228138851964939, 10), 0.05},
		{"F 95 %, 4, 20", fisherTail(2.866081402, 4, 20), 0.05},
		{"F 99 %, 10, 10", fisherTail(4.849146802, 10, 10), 0.01},
		{"F at 0", fisherTail(0, 3, 3), 1},
		{"beta", betaShare(0.3, 2, 5), 0.579825},
		{"beta, half of a symmetric one", betaShare(0.5, 7.5, 7.5), 0.5},
		{"beta, all", betaShare(1, 2, 2), 1},
	} {
		if math.Abs(tc.got-tc.want) > 1e-5*math.Max(1, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, tc.got, tc.want)
		}
	}
	if x := betaShare(0.5, -1, 2); !math.IsNaN(x) {
		t.Errorf("beta without a meaning: %v", x)
	}
}

// TestLew is the series Lew of the Statistical Reference Datasets of NIST: the deflection of a steel-concrete beam.
func TestLew(t *testing.T) {
	if n := len(lew()); n != 200 {
		t.Fatalf("%d values", n)
	}
	for _, tc := range []struct {
		name      string
		got, want float64
	}{
		{"mean", meanOf(lew()), -177.435},
		{"standard deviation", math.Sqrt(varianceOf(lew())), 277.332168044316},
		{"autocorrelation", autocovariances(lew(), 1)[1] / autocovariances(lew(), 1)[0], -0.307304800605679},
	} {
		if math.Abs(tc.got-tc.want) > 1e-12*math.Abs(tc.want) {
			t.Errorf("%s %v, want %v", tc.name, tc.got, tc.want)
		}
	}
}

// lew is the data of TestLew.
func lew() []float64 {
	return []float64{
		-213, -564, -35, -15, 141, 115, -420, -360, 203, -338, -431, 194, -220, -513, 154, -125, -559, 92, -21, -579,
		-52, 99, -543, -175, 162, -457, -346, 204, -300, -474, 164, -107, -572, -8, 83, -541, -224, 180, -420, -374,
		201, -236, -531, 83, 27, -564, -112, 131, -507, -254, 199, -311, -495, 143, -46, -579, -90, 136, -472, -338,
		202, -287, -477, 169, -124, -568, 17, 48, -568, -135, 162, -430, -422, 172, -74, -577, -13, 92, -534, -243,
		194, -355, -465, 156, -81, -578, -64, 139, -449, -384, 193, -198, -538, 110, -44, -577, -6, 66, -552, -164,
		161, -460, -344, 205, -281, -504, 134, -28, -576, -118, 156, -437, -381, 200, -220, -540, 83, 11, -568, -160,
		172, -414, -408, 188, -125, -572, -32, 139, -492, -321, 205, -262, -504, 142, -83, -574, 0, 48, -571, -106,
		137, -501, -266, 190, -391, -406, 194, -186, -553, 83, -13, -577, -49, 103, -515, -280, 201, 300, -506, 131,
		-45, -578, -80, 138, -462, -361, 201, -211, -554, 32, 74, -533, -235, 187, -372, -442, 182, -147, -566, 25,
		68, -535, -244, 194, -351, -463, 174, -125, -570, 15, 72, -550, -190, 172, -424, -385, 198, -218, -536, 96,
	}
}
