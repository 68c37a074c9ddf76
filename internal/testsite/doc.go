// Package testsite is servers whose behaviour is known exactly, for tests and benchmarks: what a load test says about them can be held
// against arithmetic. It imports nothing of the project, so that no mistake of ours can be on both sides of a comparison.
//
// The behaviours, chosen by [Config].Mode; times count from the moment the server has read a whole request head:
//
//	fast       a constant answer from memory, as cheaply as Go can
//	fixed      the answer after exactly Service, however many requests there are
//	bimodal    as fixed, but a Share of the requests takes Slow
//	exp        one worker, exponential service times with mean Service, first come first served. With Poisson arrivals at rate l and
//	           m = 1/Service this is M/M/1: the response time R has P(R > t) = exp(-(m-l)t)
//	freeze     as fast, but FreezeAt after the first request the whole server stands still for FreezeFor. An even load over D then has
//	           the q-quantile FreezeFor - (1-q)D, for every q > 1 - FreezeFor/D
//	slowbody   the head and the first tenth of the body at once, the rest in nine equal steps, the last after Service
//	reset      a Share of the requests gets a TCP reset instead of an answer
//	cut        a Share of the requests gets half of the promised body and then the end of the connection
//	hang       a Share of the requests is never answered
//	fivexx     a Share of the requests gets status 500
//	cookie     the first answer gives a visitor a cookie, later ones count their visits in it
//
// Which requests make up a Share is not random: the n-th request is one of them if floor((n+1)*Share) > floor(n*Share), so of N requests
// floor(N*Share) are, exactly.
//
// Every server answers GET /_stats with its own account of what arrived, as JSON ([Stats]): how many requests, when, the gaps between
// them, the CPU time it used. POST /_stats/reset starts the account anew. Neither is counted itself.
//
// [Start] runs a server inside the process, [StartChild] in a process of its own, which can be stopped with a signal as a real
// server is by its host. [Main] is the program that such a process runs; bench/server is little else.
//
// The servers speak the part of HTTP/1.1 that load tests need: keep-alive, pipelining, HEAD, request bodies with Content-Length. They do not
// understand chunked request bodies and say so with 411. One goroutine serves one connection; with its stack, buffer and
// socket an idle one takes about 6 KB of this process.
package testsite
