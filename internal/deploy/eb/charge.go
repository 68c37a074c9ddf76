package eb

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// charge is what an environment costs. It stands in the environment's description, so that status and down know it without asking anybody again.
type charge struct {
	Role        string
	Count       int
	Type        string
	Price       float64 // USD an hour of one; zero: not known
	Source      string  // whose price that is
	Since, Ends time.Time
	Before      float64 // USD that it came to before Since, when it was another size

	made time.Time // when the environment was; not in the description
}

func (c *charge) String() string {
	price := "<its price>"
	if c.Price > 0 {
		price = strconv.FormatFloat(c.Price, 'f', -1, 64)
	}
	text := fmt.Sprintf("stampede %s: %d x %s at %s USD (%s) since %s until %s",
		c.Role, c.Count, c.Type, price, c.Source, c.Since.UTC().Format(time.RFC3339), c.Ends.UTC().Format(time.RFC3339))
	if c.Before > 0 {
		text += fmt.Sprintf(", %.4f USD before", c.Before)
	}
	return text
}

// what is a charge in few words.
func (c *charge) what() string {
	text := fmt.Sprintf("%s %d %s", c.Role, c.Count, c.Type)
	if c.Price > 0 {
		text += fmt.Sprintf(" at %s USD an hour (%s)", strconv.FormatFloat(c.Price, 'f', -1, 64), c.Source)
	}
	return text
}

// at is what it has come to at a moment, in USD; AWS ends it when its hours are over.
func (c *charge) at(now time.Time) float64 {
	if !c.Ends.IsZero() && now.After(c.Ends) {
		now = c.Ends
	}
	return c.Before + float64(c.Count)*c.Price*max(now.Sub(c.Since), 0).Hours()
}

var described = regexp.MustCompile(`^stampede (\w+): (\d+) x (\S+) at (\S+) USD \(([^)]*)\) since (\S+) until ([^\s,]+)(?:, (\S+) USD before)?$`)

// charge reads the description of an environment; nil when it is none of ours.
func (e *environment) charge() *charge {
	m := described.FindStringSubmatch(e.Description)
	if m == nil {
		return nil
	}
	c := &charge{Role: m[1], Type: m[3], Source: m[5], made: e.Created}
	var wrong [5]error
	c.Count, wrong[0] = strconv.Atoi(m[2])
	c.Price, wrong[1] = strconv.ParseFloat(m[4], 64)
	c.Since, wrong[2] = time.Parse(time.RFC3339, m[6])
	c.Ends, wrong[3] = time.Parse(time.RFC3339, m[7])
	if m[8] != "" {
		c.Before, wrong[4] = strconv.ParseFloat(m[8], 64)
	}
	if wrong[0] != nil || wrong[2] != nil || wrong[3] != nil {
		return nil
	}
	return c // of a price that cannot be read nothing is known but the rest
}

// charge is what an environment of a role is to cost from now on.
func (o *Options) charge(role string, count int, p *place, now, ends time.Time) *charge {
	c := &charge{Role: role, Count: count, Type: o.typeOf(role), Source: aws.PriceListed, Since: now, Ends: ends}
	if p.cost != nil {
		c.Price, c.Source = p.cost.Worker, p.cost.Source
		if role == roleController {
			c.Price = p.cost.Controller
		}
	}
	return c
}

// Spent is what the instances of a deployment have come to.
type Spent struct {
	USD   float64
	Most  bool // it is at most that: instances have ended at a moment that nobody knows
	Since time.Time
	Parts []string // "workers 10 c7g.large at 0.0725 USD an hour (price list of AWS)"
}

// Bound says whether it was that or less.
func (s *Spent) Bound() string {
	if s.Most {
		return "at most "
	}
	return ""
}

// add adds an environment; empty says that its instances have ended.
func (s *Spent) add(c *charge, now time.Time, empty bool) {
	if c == nil || c.Price == 0 {
		return
	}
	s.Most = s.Most || empty && now.Before(c.Ends)
	s.USD += c.at(now)
	s.Parts = append(s.Parts, c.what())
	if s.Since.IsZero() || c.made.Before(s.Since) {
		s.Since = c.made
	}
}

// String is how it comes about.
func (s *Spent) String() string { return strings.Join(s.Parts, " + ") }
