// Package suggest finds the word that was probably meant where an unknown one was written: a flag, a command, a shape, a metric.
package suggest

import "strings"

// longest bounds the work: longer words are near to none.
const longest = 64

// Nearest is the candidate that word most likely meant, or "" when none is near: at most a third of its letters may differ, one in a short
// word, and a word of three letters or more that begins a candidate is near to it. Case does not count. Of equals the first wins.
func Nearest(word string, candidates []string) string {
	word = strings.ToLower(word)
	letters := len([]rune(word))
	if letters < 2 || letters > longest {
		return "" // everything is near to so little
	}
	best, least := "", max(letters/3, 1)+1
	for _, c := range candidates {
		d := Distance(word, strings.ToLower(c))
		if d < least && d < letters { // a word with no letter in common is another word
			best, least = c, d
		}
	}
	if letters < 3 || best != "" && least == 1 {
		return best
	}
	first, begun := "", 0
	for _, c := range candidates {
		if strings.HasPrefix(strings.ToLower(c), word) {
			if begun++; begun == 1 {
				first = c
			}
		}
	}
	if best == "" || begun == 1 && letters > 3 { // a word that was begun, and is not another one with several mistakes
		return first
	}
	return best
}

// Distance counts the letters to insert, remove, replace or swap with their neighbour to make b of a (optimal string alignment). What is
// longer than 64 letters is cut there.
func Distance(a, b string) int {
	x, y := cut(a), cut(b)
	older, before, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		older, before, row = before, row, older
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(before[j]+1, row[j-1]+1, before[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return row[len(y)]
}

func cut(s string) []rune {
	r := []rune(s)
	return r[:min(len(r), longest)]
}
