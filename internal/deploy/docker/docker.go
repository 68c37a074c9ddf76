// Package docker writes a Dockerfile that holds nothing but a test's program, and a compose file for workers of it.
package docker

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/deploy"
)

// Options say what is written.
type Options struct {
	Name     string        // of the deployment
	Package  string        // of the test below the folder that is built; empty means "."
	Image    string        // what the image is called; empty means Name
	Workers  int           // containers
	IdleExit time.Duration // a worker leaves after so long without a run; zero means never
	CPUs     float64       // of each worker; zero means no limit
	Memory   int           // MiB of each worker; zero means no limit
	Join     string        // join URL; empty leaves join.env to be written by hand
}

// Build is the Dockerfile and what it leaves out. The image holds the program, the certificates that clients trust, and time zones: no shell, no
// package, no user with rights.
func Build(pkg string) []deploy.File {
	if pkg == "" {
		pkg = "."
	}
	return []deploy.File{
		deploy.Text("Dockerfile", `# The test's program and nothing else. Build it where its go.mod is:
#   docker build --tag load .
#   docker buildx build --platform linux/amd64,linux/arm64 --tag registry.example/load --push .
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w" -o /load `+pkg+`
RUN mkdir --mode=1777 /empty

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /zoneinfo.zip
COPY --from=build /empty /cache
COPY --from=build /load /load
ENV ZONEINFO=/zoneinfo.zip HOME=/cache XDG_CACHE_HOME=/cache TMPDIR=/cache
USER 65532:65532
WORKDIR /cache
ENTRYPOINT ["/load"]
CMD ["worker"]
`),
		deploy.Text(".dockerignore", ".git\n*.db\njoin.env\njoin.url\nout\n"),
	}
}

// Files are those of [Build], a compose file, and the join URL when it is known.
func Files(o Options) ([]deploy.File, error) {
	var wrong []error
	wrong = append(wrong, deploy.CheckName(o.Name))
	if o.Workers < 1 || o.Workers > 1000 {
		wrong = append(wrong, fmt.Errorf("%d workers: one machine takes from 1 to 1000", o.Workers))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	files := append(Build(o.Package), deploy.Text("compose.yaml", compose(o)))
	if o.Join != "" {
		files = append(files, deploy.File{Name: "join.env", Data: []byte("STAMPEDE_JOIN=" + o.Join + "\n"), Secret: true})
	}
	return files, nil
}

func compose(o Options) string {
	image := o.Image
	if image == "" {
		image = o.Name
	}
	// The secret comes as a variable: a file that only its owner reads could not be read by the user in the container.
	text := `# Workers of this test. Write the join URL that the controller printed into join.env, in one line that begins with STAMPEDE_JOIN= (chmod 600), then:
#   docker compose up --build --detach
#   docker compose down
name: ` + o.Name + `
services:
  worker:
    build: .
    image: ` + strconv.Quote(image) + `
    command: [worker` + idle(o.IdleExit) + `]
    env_file: [join.env]
    restart: on-failure:3
    stop_grace_period: 30s
    read_only: true
    tmpfs:
      - /cache:mode=1777,size=512m
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    ulimits:
      nofile: {soft: 65536, hard: 65536}
    sysctls:
      net.ipv4.ip_local_port_range: "1024 65535"
    deploy:
      replicas: ` + strconv.Itoa(o.Workers) + "\n"
	if o.CPUs > 0 || o.Memory > 0 {
		text += "      resources:\n        limits:\n"
	}
	if o.CPUs > 0 {
		text += "          cpus: \"" + strconv.FormatFloat(o.CPUs, 'f', -1, 64) + "\"\n"
	}
	if o.Memory > 0 {
		text += "          memory: " + strconv.Itoa(o.Memory) + "M\n"
	}
	return text
}

func idle(after time.Duration) string {
	if after <= 0 {
		return ""
	}
	return ", --idle-exit, " + after.String()
}
