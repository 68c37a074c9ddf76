package aws

import (
	"encoding/json"
	"strconv"
)

// Whose prices they are. Elastic Beanstalk takes few signs in variables: no brackets, no apostrophes.
const (
	PriceListed = "price list of AWS"
	PriceGiven  = "price that was given"
)

// Price is one of the price list, on demand.
type Price struct {
	Usage string // the usage type that it is of
	Unit  string
	USD   float64 // of a unit; above zero
}

// Prices reads an entry of the price list; one that cannot be read has none.
func Prices(entry string) (all []Price) {
	var read struct {
		Product struct{ Attributes struct{ Usagetype string } }
		Terms   struct {
			OnDemand map[string]struct {
				PriceDimensions map[string]struct {
					Unit         string
					PricePerUnit map[string]string
				}
			}
		}
	}
	if json.Unmarshal([]byte(entry), &read) != nil {
		return nil
	}
	for _, term := range read.Terms.OnDemand {
		for _, d := range term.PriceDimensions {
			if usd, err := strconv.ParseFloat(d.PricePerUnit["USD"], 64); err == nil && usd > 0 {
				all = append(all, Price{read.Product.Attributes.Usagetype, d.Unit, usd})
			}
		}
	}
	return all
}
