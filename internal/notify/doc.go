// Package notify tells people what became of runs that come by themselves: by a command, a webhook, text that Slack and its like understand, or mail.
//
// A [Message] is what there is to tell; a [Way] is how, read from a text by [Parse]; [Way.Send] tells it. The addresses of ways are secrets, so no error
// repeats one.
package notify
