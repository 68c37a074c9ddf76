package eb

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Roles of an environment.
const (
	roleController = "controller"
	roleWorkers    = "workers"
)

// FleetPort is where workers dial the controller, inside the network.
const FleetPort = 7422

// Bundle is what Elastic Beanstalk unpacks on each instance.
type Bundle struct {
	Role  string
	Files []deploy.File
	Zip   []byte
	Key   string // in the bucket; it holds a hash of the contents
	Label string // of the version
}

// MakeBundle packs one. The same files always make the same bytes.
func MakeBundle(o *Options, role string) (*Bundle, error) {
	b := &Bundle{Role: role, Files: bundleFiles(o, role)}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(into io.Writer) (io.WriteCloser, error) { return flate.NewWriter(into, 6) })
	for i := range b.Files {
		f := &b.Files[i]
		h := &zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
		h.SetMode(f.Perm())
		into, err := w.CreateHeader(h)
		if err == nil {
			_, err = into.Write(f.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(out.Bytes())
	hash := hex.EncodeToString(sum[:6])
	b.Zip, b.Key, b.Label = out.Bytes(), o.prefix()+role+"-"+hash+".zip", role+"-"+hash
	return b, nil
}

func bundleFiles(o *Options, role string) []deploy.File {
	files := []deploy.File{
		{Name: o.Program, Mode: 0o755, Data: o.Binary},
		deploy.Text("Procfile", procfile(o, role)),
		{Name: "start.sh", Mode: 0o755, Data: []byte(start(o, role))},
		{Name: ".platform/hooks/prebuild/10_limits.sh", Mode: 0o755, Data: []byte(limitsHook)},
	}
	if role == roleController {
		if o.Settings != "" {
			files = append(files, deploy.Text("stampede.yaml", o.Settings))
		}
		if o.Idle > 0 {
			files = append(files, deploy.File{Name: "idle.sh", Mode: 0o755, Data: []byte(idle(o))})
		}
		files = append(
			files,
			deploy.File{Name: ".platform/hooks/prebuild/20_certificate.sh", Mode: 0o755, Data: []byte(certificateHook)},
			deploy.Text(".platform/nginx/conf.d/stampede.conf", nginxConf),
			deploy.Text(".ebextensions/network.config", network(o)),
		)
	}
	return files
}

// start is what the platform runs, with PORT where its nginx looks for the application. Secrets come in the environment.
func start(o *Options, role string) string {
	head := "#!/bin/sh\n# Started by Elastic Beanstalk, and again when it ends.\nset -eu\ncd \"$(dirname \"$0\")\"\nexport XDG_CACHE_HOME=\"${STAMPEDE_HOME:-/var/tmp/stampede}\"\nmkdir -p \"$XDG_CACHE_HOME\"\n"
	if role == roleController {
		return head + fmt.Sprintf("exec ./%s serve --web \"0.0.0.0:${PORT:-5000}\" --fleet \"0.0.0.0:${STAMPEDE_FLEET_PORT:-%d}\" --ledger \"$XDG_CACHE_HOME/ledger.db\"\n", o.Program, FleetPort)
	}
	return head + fmt.Sprintf("exec ./%s worker --health \"127.0.0.1:${PORT:-5000}\"\n", o.Program)
}

// procfile names what the platform keeps running.
func procfile(o *Options, role string) string {
	text := "web: ./start.sh\n"
	if role == roleController && o.Idle > 0 {
		text += "idle: ./idle.sh\n"
	}
	return text
}

// idle runs beside the controller, and has AWS end workers that have nothing to do.
func idle(o *Options) string {
	return "#!/bin/sh\n# Started by Elastic Beanstalk beside the controller. Its rights are those of the instance.\nset -eu\ncd \"$(dirname \"$0\")\"\n" +
		fmt.Sprintf("exec ./%s deploy eb idle --name %s --prefix %s --region %s --idle-exit %s --on \"http://127.0.0.1:${STAMPEDE_PAGE_PORT:-5000}\"\n", o.Program, o.Name, o.Prefix, o.Region, o.Idle)
}

const limitsHook = `#!/bin/sh
# Ports for many connections to one site, and sockets that are free again soon.
sysctl -q -w net.ipv4.ip_local_port_range="1024 65535" net.ipv4.tcp_tw_reuse=1 || true
`

// certificateHook writes what nginx needs for TLS. Secrets of the environment are there for hooks.
const certificateHook = `#!/bin/sh
# The page's certificate and key, from the environment's secrets to where nginx reads them.
set -eu
umask 077
at="${STAMPEDE_CERTIFICATES:-/etc/pki/stampede}"
mkdir -p "$at"
printf %s "$STAMPEDE_FLEET_KEY" | base64 -d >"$at/page.pem"
`

// nginxConf has the platform's nginx answer with TLS in front of the page.
const nginxConf = `# The page and the API, with TLS. The certificate is known by its hash, which the address carries.
server {
  listen 443 ssl;
  ssl_certificate /etc/pki/stampede/page.pem;
  ssl_certificate_key /etc/pki/stampede/page.pem;
  ssl_protocols TLSv1.2 TLSv1.3;
  client_max_body_size 200m;
  location / {
    proxy_pass http://127.0.0.1:5000;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Proto https;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_buffering off;
    proxy_read_timeout 1h;
  }
}
`

// network is the controller's security groups: one for the page, open to who may see it, and one whose members reach the port of workers.
func network(o *Options) string {
	var rules, vpc strings.Builder
	for _, from := range o.From {
		kind := "CidrIp"
		if strings.Contains(from, ":") {
			kind = "CidrIpv6"
		}
		fmt.Fprintf(&rules, "        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, %s: \"%s\"}\n", kind, from)
	}
	if o.VPC != "" {
		fmt.Fprintf(&vpc, "      VpcId: %s\n", o.VPC)
	}
	tags := "      Tags: [{Key: \"" + aws.Tag + "\", Value: " + o.Name + "}]\n"
	return "option_settings:\n  aws:autoscaling:launchconfiguration:\n    SecurityGroups: '`" +
		`{"Fn::Join": [",", [{"Fn::GetAtt": ["StampedePage", "GroupId"]}, {"Fn::GetAtt": ["StampedeMembers", "GroupId"]}]]}` + "`'\n" +
		"Resources:\n  StampedePage:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: the page of a load test\n" + vpc.String() + tags +
		"      SecurityGroupIngress:\n" + rules.String() +
		"  StampedeMembers:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupName: " + o.members() + "\n      GroupDescription: workers of a load test and their controller\n" + vpc.String() + tags +
		fmt.Sprintf("  StampedeFleet:\n    Type: AWS::EC2::SecurityGroupIngress\n    Properties:\n      GroupId: {\"Fn::GetAtt\": [\"StampedeMembers\", \"GroupId\"]}\n"+
			"      IpProtocol: tcp\n      FromPort: %[1]d\n      ToPort: %[1]d\n      SourceSecurityGroupId: {\"Fn::GetAtt\": [\"StampedeMembers\", \"GroupId\"]}\n", FleetPort)
}
