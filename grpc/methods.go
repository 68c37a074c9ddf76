package grpc

import (
	"context"
	"fmt"
	"strings"
	"sync"

	ggrpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	v1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// methods are those that Call and Stream have named so far.
type methods struct {
	mu    sync.Mutex
	known map[string]protoreflect.MethodDescriptor
	files *protoregistry.Files // of Protoset
}

// method finds out what a method takes and gives.
func (c *Conn) method(ctx context.Context, name string) (protoreflect.MethodDescriptor, error) {
	d := c.link.dialer
	ms := &d.methods
	ms.mu.Lock()
	defer ms.mu.Unlock() // a thousand users who begin at once ask once
	if m := ms.known[name]; m != nil {
		return m, nil
	}
	service, method, ok := strings.Cut(name, "/")
	if !ok || service == "" || method == "" || strings.Contains(method, "/") {
		return nil, fmt.Errorf("grpc: method %q: write pkg.Service/Method", name)
	}
	files, err := ms.set(d.Protoset)
	if err == nil && files == nil {
		ctx, cancel := context.WithTimeout(ctx, d.timeout())
		defer cancel()
		files, err = c.link.reflected(ctx, service)
	}
	if err != nil {
		return nil, fmt.Errorf("grpc: %s: %w", name, err)
	}
	found, err := files.FindDescriptorByName(protoreflect.FullName(service))
	s, ok := found.(protoreflect.ServiceDescriptor)
	if err != nil || !ok {
		return nil, fmt.Errorf("grpc: %s: there is no service %s", name, service)
	}
	m := s.Methods().ByName(protoreflect.Name(method))
	if m == nil {
		return nil, fmt.Errorf("grpc: %s: the service has no such method; it has %s", name, strings.Join(namesOf(s), ", "))
	}
	if ms.known == nil {
		ms.known = map[string]protoreflect.MethodDescriptor{}
	}
	ms.known[name] = m
	return m, nil
}

func namesOf(s protoreflect.ServiceDescriptor) []string {
	var all []string
	for i := range s.Methods().Len() {
		all = append(all, string(s.Methods().Get(i).Name()))
	}
	return all
}

// set reads a FileDescriptorSet; nil when there is none.
func (ms *methods) set(b []byte) (*protoregistry.Files, error) {
	if len(b) == 0 || ms.files != nil {
		return ms.files, nil
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(b, &set); err != nil {
		return nil, fmt.Errorf("the protoset cannot be read: %w", err)
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		return nil, fmt.Errorf("the protoset is not whole (protoc --include_imports): %w", err)
	}
	ms.files = files
	return files, nil
}

// The names of the reflection service: today's, and the one that many servers still have. Their messages are the same.
var reflectionServices = []string{"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"}

// reflected asks the site for the files that describe a service, on a connection for that alone when there is none of grpc-go.
func (l *link) reflected(ctx context.Context, service string) (*protoregistry.Files, error) {
	cc := l.library.Load()
	if cc == nil {
		var err error
		if cc, err = l.dial(); err != nil {
			return nil, err
		}
		defer cc.Close()
		if err := l.ready(ctx, cc); err != nil {
			return nil, err
		}
	}
	return reflected(ctx, cc, service)
}

// reflected asks by each name of the service.
func reflected(ctx context.Context, cc *ggrpc.ClientConn, service string) (*protoregistry.Files, error) {
	var err error
	for _, name := range reflectionServices {
		var files *protoregistry.Files
		if files, err = reflectedBy(ctx, cc, name, service); status.Code(err) != codes.Unimplemented {
			return files, err
		}
	}
	return nil, fmt.Errorf("the site has no reflection; give Dialer.Protoset: %w", err)
}

func reflectedBy(ctx context.Context, cc *ggrpc.ClientConn, reflection, service string) (*protoregistry.Files, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := cc.NewStream(ctx, &ggrpc.StreamDesc{ClientStreams: true, ServerStreams: true}, reflection)
	if err != nil {
		return nil, err
	}
	ask := func(r *v1.ServerReflectionRequest) ([]*descriptorpb.FileDescriptorProto, error) {
		if err := stream.SendMsg(r); err != nil {
			return nil, stream.RecvMsg(new(v1.ServerReflectionResponse)) // says why
		}
		answer := new(v1.ServerReflectionResponse)
		if err := stream.RecvMsg(answer); err != nil {
			return nil, err
		}
		if e := answer.GetErrorResponse(); e != nil {
			return nil, fmt.Errorf("the site's reflection says: %s", e.GetErrorMessage())
		}
		var files []*descriptorpb.FileDescriptorProto
		for _, b := range answer.GetFileDescriptorResponse().GetFileDescriptorProto() {
			f := new(descriptorpb.FileDescriptorProto)
			if err := proto.Unmarshal(b, f); err != nil {
				return nil, fmt.Errorf("the site's reflection cannot be read: %w", err)
			}
			files = append(files, f)
		}
		return files, nil
	}
	return gather(service, ask)
}

// filesMost bounds how many files are asked for.
const filesMost = 1000

// gather asks for the file of a service, and for those that it needs and did not come along.
func gather(service string, ask func(*v1.ServerReflectionRequest) ([]*descriptorpb.FileDescriptorProto, error)) (*protoregistry.Files, error) {
	got, err := ask(&v1.ServerReflectionRequest{MessageRequest: &v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: service}})
	if err != nil {
		return nil, err
	}
	set, there := &descriptorpb.FileDescriptorSet{}, map[string]bool{}
	for asked := 0; len(got) > 0; {
		var missing []string
		for _, f := range got {
			if !there[f.GetName()] {
				there[f.GetName()] = true
				set.File = append(set.File, f)
			}
		}
		for _, f := range set.File {
			for _, d := range f.GetDependency() {
				if !there[d] {
					missing = append(missing, d)
				}
			}
		}
		if len(missing) == 0 {
			break
		}
		if asked++; asked > filesMost {
			return nil, fmt.Errorf("the service needs more than %d files", filesMost)
		}
		got, err = ask(&v1.ServerReflectionRequest{MessageRequest: &v1.ServerReflectionRequest_FileByFilename{FileByFilename: missing[0]}})
		if err != nil {
			return nil, err
		}
	}
	return protodesc.NewFiles(set)
}
