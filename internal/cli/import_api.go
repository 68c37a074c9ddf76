package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/flow"
	"github.com/stampede-load/stampede/internal/importer/openapi"
	"github.com/stampede-load/stampede/internal/importer/postman"
	"github.com/stampede-load/stampede/internal/table"
)

// largestDescription is how long a description of an API may be, in bytes.
const largestDescription = 64 << 20

func (a *app) importOpenAPI() *cobra.Command {
	var o importOptions
	var host string
	c := &cobra.Command{
		Use:   "openapi FILE|URL",
		Short: "Write a test from a description of an API (OpenAPI 3, Swagger 2)",
		Long: "Write a test from a description of an API: OpenAPI 3.0 or 3.1 or Swagger 2, in JSON or YAML. Each operation becomes a task with the examples of the " +
			"description, or values that fit its schemas; what logs in goes into accounts.csv.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("import openapi: give one description, a file or an address")
			}
			if err := o.check("openapi"); err != nil {
				return err
			}
			b, from, err := a.described(c.Context(), args[0])
			if err != nil {
				return fmt.Errorf("import openapi: %w", err)
			}
			r, err := openapi.Parse(b, from, host)
			if err != nil {
				return fmt.Errorf("import openapi: %s: %w", args[0], err)
			}
			return a.importRequests(c.Context(), "openapi", r, &o, true)
		},
	}
	c.Flags().StringVar(&host, "host", "", "the `URL` where the API is, when the description does not say it or another one is meant")
	o.flags(c)
	return c
}

func (a *app) importPostman() *cobra.Command {
	var o importOptions
	var values []string
	c := &cobra.Command{
		Use:   "postman FILE",
		Short: "Write a test from a collection of Postman",
		Long: "Write a test from a collection of Postman (Export, Collection v2.1): its requests in their order, as one flow. What its scripts keep of an answer in a variable is " +
			"taken from that answer.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("import postman: give one collection, a file")
			}
			if err := o.check("postman"); err != nil {
				return err
			}
			known := map[string]string{}
			for _, v := range values {
				name, value, ok := strings.Cut(v, "=")
				if !ok {
					return fmt.Errorf("import postman: --var %s: write it as NAME=VALUE", v)
				}
				known[name] = value
			}
			b, _, err := a.described(c.Context(), args[0])
			if err != nil {
				return fmt.Errorf("import postman: %w", err)
			}
			r, err := postman.Parse(b, known)
			if err != nil {
				return fmt.Errorf("import postman: %s: %w", args[0], err)
			}
			return a.importRequests(c.Context(), "postman", r, &o, false)
		},
	}
	c.Flags().StringArrayVar(&values, "var", nil, "the value of a variable of the collection, `NAME=VALUE`; repeatable")
	o.flags(c)
	return c
}

// importRequests writes requests that were never made.
func (a *app) importRequests(ctx context.Context, command string, r *importer.Recording, o *importOptions, alone bool) error {
	name := o.name
	if name == "" {
		name = r.Name
	}
	if r.Name == "" {
		r.Name = command
	}
	t, err := flow.Make([]*importer.Recording{r}, flow.Options{Name: name, Allow: o.allow, Alone: alone})
	if err != nil {
		return fmt.Errorf("import %s: %w", command, err)
	}
	return a.writeTest(ctx, t, o)
}

// described reads a file, standard input or an address. from is the address.
func (a *app) described(ctx context.Context, source string) (b []byte, from string, err error) {
	if source == "-" {
		b, err = io.ReadAll(table.Plain(a.In))
		return b, "", err
	}
	if !strings.HasPrefix(source, "http://") && !strings.HasPrefix(source, "https://") {
		f, err := os.Open(a.path(source))
		if err != nil {
			return nil, "", fmt.Errorf("%s cannot be read: %w", source, errors.Unwrap(err))
		}
		defer f.Close()
		b, err = io.ReadAll(table.Plain(f))
		return b, "", err
	}
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, source, http.NoBody)
	if err != nil {
		return nil, "", fmt.Errorf("%s is no address: %w", source, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, "", fmt.Errorf("%s cannot be fetched: %w", source, errors.Unwrap(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("%s answers %s", source, resp.Status)
	}
	b, err = io.ReadAll(table.Plain(io.LimitReader(resp.Body, largestDescription)))
	return b, resp.Request.URL.String(), err
}
