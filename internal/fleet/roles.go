package fleet

import "github.com/nats-io/nats-server/v2/server"

// What each role may do; everything else is denied. The table of denials in roles_test.go holds it.

// joinerMay is somebody with the token and no number yet.
func joinerMay(key string) *server.Permissions {
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: []string{joinSubject(), fileSubject()}},
		Subscribe: &server.SubjectPermission{Allow: []string{joinerInbox(key) + ".>"}},
	}
}

// operatorMay is somebody who can read the controller's folder.
func operatorMay() *server.Permissions {
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: []string{operatorSubject()}},
		Subscribe: &server.SubjectPermission{Allow: []string{operatorInbox + ".>"}},
	}
}

// workerMay is a worker that was let in, with its own key.
func workerMay(n int) *server.Permissions {
	return &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{
			beatSubject(n), snapSubject(n, "*"), endSubject(n, "*"), fileSubject(),
		}},
		Subscribe: &server.SubjectPermission{Allow: []string{callSubject(n), workerInbox(n) + ".>"}},
	}
}
