package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// fans is how many accounts the site has.
const fans = 1000

// accountsCSV makes the same fans each time. Their addresses end in .example, which can never receive mail.
func accountsCSV() string {
	words := []string{"amber", "basalt", "cinder", "dynamo", "ember", "ferry", "gravel", "harbour", "indigo", "jasper", "kettle", "lantern"}
	random := rand.New(rand.NewPCG(1977, 9))
	var text strings.Builder
	text.WriteString("email,password,userId\n")
	for n := 1; n <= fans; n++ {
		password := fmt.Sprintf("%s-%s-%04d", words[random.IntN(len(words))], words[random.IntN(len(words))], random.IntN(10000))
		fmt.Fprintf(&text, "fan%04d@fans.example,%s,u%06d\n", n, password, 100000+n*7)
	}
	return text.String()
}
