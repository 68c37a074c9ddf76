package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/verdict"
)

const groupServers = "Servers"

// serverSettings say which servers are read beside the run.
func (a *app) serverSettings(o *options) []setting.Setting {
	return []setting.Setting{
		{
			Name: "server", Key: "servers", Arg: "NAME=KIND:URL", Group: groupServers, List: true, Adds: true, Whole: true, Mask: maskServer,
			Help: "a server whose own figures are read beside the run: web=apache:http://HOST/server-status, db=mysql:USER:${DB_PASSWORD}@HOST; may be repeated. Kinds: " +
				strings.Join(serverKinds(), ", "),
			Read: func(t string) error {
				spec, err := monitor.ParseSpec(t, serverKinds())
				if err == nil && verdict.Reserved(spec.Name) {
					err = fmt.Errorf("server %s: thresholds have that word for something else; call it %s-server", spec.Name, spec.Name)
				}
				o.servers = append(o.servers, spec)
				return err
			},
		},
		{
			Name: "server-wait", Arg: "TIME", Group: groupServers, Default: "4m", Needs: "server",
			Help: "how long the end of a run waits for figures that come late, such as CloudWatch's; 0 not at all",
			Read: func(t string) error {
				d, err := setting.ParseDuration(t)
				if o.plan.ServerWait = d; d == 0 {
					o.plan.ServerWait = -time.Second
				}
				return err
			},
		},
	}
}

// maskServer hides what may be secret in a server's address.
func maskServer(text string) string {
	spec, err := monitor.ParseSpec(text, serverKinds())
	if err != nil {
		return setting.Hidden
	}
	return spec.String()
}
