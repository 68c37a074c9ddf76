package mix_test

import (
	"fmt"

	"github.com/stampede-load/stampede/internal/mix"
)

func Example() {
	m, err := mix.New([]float64{5, 1, 1}, []int{0, 0, 2}) // two of the third type, then five of the first for each of the second
	if err != nil {
		fmt.Println(err)
		return
	}
	for k := range 14 {
		fmt.Print(string(rune('A' + m.Type(k))))
	}
	// Output: CCAABAAAAABAAA
}
