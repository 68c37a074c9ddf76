package websocket

// AcceptFor is for servers that tests write by hand.
var AcceptFor = acceptFor
