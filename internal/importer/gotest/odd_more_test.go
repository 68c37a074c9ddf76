package gotest_test

// moreOddities are forms of values: in paths, in fields that hide them, in documents within queries, on cards, in lists and objects of an API.
var moreOddities = []oddity{
	{"pathtoken", "har", harOf(``,
		entryOf(1, `"request":{"method":"GET","url":"https://a.example/","headers":[{"name":"Sec-Fetch-Dest","value":"document"}]},"response":{"status":200,"content":{"mimeType":"text/html","text":"<script>u=\"https:\\/\\/a.example\\/x\\/Qz7kPm2xW9vT4bLc\\/pay\"</script>"}}`),
		entryOf(4, `"request":{"method":"POST","url":"https://a.example/x/Qz7kPm2xW9vT4bLc/pay","headers":[{"name":"Content-Type","value":"application/json"}],"postData":{"mimeType":"application/json","text":"{\"token\":\"Zk3mQ8vT2xWp7LrB5y\"}"}},"response":{"status":200}`),
	), []string{"// POST /x/.../pay has it in its path", "POST /x/.../pay sends token"}, []string{"Qz7kPm2xW9vT4bLc", "Zk3mQ8vT2xWp7LrB5y"}},
	{"hidden", "har", harOf(``,
		entryOf(1, `"request":{"method":"GET","url":"https://a.example/Default.aspx","headers":[]},"response":{"status":200,"content":{"mimeType":"text/html","text":"<form><input name=ctl00$txtUser><input type=password name=ctl00$geheim></form>"}}`),
		entryOf(4, `"request":{"method":"POST","url":"https://a.example/Default.aspx","headers":[],"postData":{"mimeType":"application/x-www-form-urlencoded","text":"ctl00%24txtUser=ann&ctl00%24geheim=wonder-land-9&ctl00%24txtPass=hunter-22"}},"response":{"status":200}`),
	), []string{"v.account.Password"}, []string{"wonder-land-9", "hunter-22"}},
	{"persisted", "har", harOf(``,
		entryOf(1, `"request":{"method":"GET","url":"https://a.example/graphql?operationName=Home&extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22ab12ab12ab12ab12ab12ab12%22%7D%7D","headers":[{"name":"Sec-Fetch-Dest","value":"empty"}]},"response":{"status":200,"content":{"mimeType":"application/json","text":"{}"}}`),
	), []string{`stampede.Name("Home")`, "extensions=%7B"}, []string{"accounts.csv"}},
	{"card", "har", harOf(``,
		entryOf(1, `"request":{"method":"POST","url":"https://a.example/pay","headers":[],"postData":{"mimeType":"application/json","text":"{\"card\":{\"number\":\"4111111111111111\",\"cvc\":\"737\"}}"}},"response":{"status":200}`),
	), []string{"v.account.Cvc", "v.account.Number"}, []string{"737", "4111"}},
	{"greeting", "har", harOf(``,
		entryOf(1, `"_resourceType":"websocket","_webSocketMessages":[{"type":"receive","time":1.0,"opcode":1,"data":"{\"t\":\"w\",\"token\":\"Qz7kPm2xW9vT4bLc\"}"},{"type":"send","time":2.0,"opcode":1,"data":"{\"t\":\"auth\",\"token\":\"Qz7kPm2xW9vT4bLc\",\"other\":\"Zk3mQ8vT2xWp7LrB5y\"}"},{"type":"receive","time":2.1,"opcode":1,"data":"{\"t\":\"ok\"}"}],"request":{"method":"GET","url":"wss://a.example/ws","headers":[]},"response":{"status":101}`),
	), []string{`v.token, err = m.Path("token")`, `says("t", "ok")`, "the message auth to /ws sends other"}, []string{"Qz7kPm2xW9vT4bLc", "Zk3mQ8vT2xWp7LrB5y"}},
	{"silentstream", "har", harOf(``,
		entryOf(1, `"request":{"method":"GET","url":"https://a.example/","headers":[]},`+htmlOf),
		entryOf(2, `"_resourceType":"eventsource","request":{"method":"GET","url":"https://a.example/news","headers":[]},"response":{"status":200,"content":{"mimeType":"text/event-stream"}}`),
	), []string{"1 streams of server-sent events whose events the recording does not have"}, []string{`"/news"`}},

	{
		"apistyles", "openapi", `{"openapi":"3.0.3","servers":[{"url":"https://a.example"}],"paths":{
"/v1/charges":{"get":{"parameters":[{"name":"created","in":"query","required":true,"style":"deepObject","explode":true,"schema":{"anyOf":[{"type":"object","properties":{"gt":{"type":"integer"}}},{"type":"integer"}]}},{"name":"ids","in":"query","required":true,"style":"pipeDelimited","explode":false,"schema":{"example":[3,4]}},{"name":"c","in":"query","required":true,"schema":{"type":"array","example":["a","b c"]}},{"name":"j","in":"query","required":true,"content":{"application/json":{"schema":{"example":{"k":1}}}}},{"name":"X-L","in":"header","required":true,"schema":{"example":[3,4]}}]},
 "post":{"requestBody":{"content":{"application/x-www-form-urlencoded":{"encoding":{"expand":{"style":"deepObject"}},"schema":{"type":"object","properties":{"expand":{"example":["x"]},"metadata":{"example":{"k":"v"}},"items":{"type":"array","items":{"type":"object","properties":{"p":{"type":"string"}}}}}}}}}}},
"/m/{p}/{q}/{r}/{s}":{"get":{"parameters":[{"name":"p","in":"path","required":true,"style":"matrix","schema":{"example":[3,"a/b"]}},{"name":"q","in":"path","required":true,"style":"label","explode":true,"schema":{"example":{"r":1,"g":2}}},{"name":"r","in":"path","required":true,"schema":{"example":[3,4]}},{"name":"s","in":"path","required":true,"style":"matrix","explode":true,"schema":{"example":[5,6]}}]}}}}`,
		[]string{"created%5Bgt%5D=1", "ids=3%7C4", "c=a&c=b+c", "j=%7B%22k%22%3A1%7D", `"X-L", "3,4"`, `"expand[0]", "x"`, `"items[0][p]", "text"`, `"metadata[k]", "v"`, `"/m/;p=3,a%2Fb/.g=2.r=1/3,4/;s=5;s=6"`},
		nil,
	},
	{
		"apiswagger", "openapi", `{"swagger":"2.0","host":"a.example","paths":{"/q":{"get":{"parameters":[{"name":"s","in":"query","required":true,"type":"array","items":{"type":"string","enum":["a"]},"collectionFormat":"pipes","x-example":1},{"name":"m","in":"query","required":true,"type":"array","default":["x","y"],"collectionFormat":"multi"},{"name":"n","in":"query","required":true,"type":"array","default":["x","y"]}]},"post":{"parameters":[{"in":"body","name":"body","schema":{"type":"object","properties":{"d":{"type":"string","format":"date-time"}}}}]}}}}`,
		[]string{"m=x&m=y", "n=x%2Cy", "s=a", `"d": "2026-01-31T12:00:00Z"`},
		[]string{"accounts.csv"},
	},

	{
		"postmankeys", "postman", `{"info":{"name":"K"},"item":[{"name":"F","auth":{"type":"apikey","apikey":[{"key":"key","value":"X-K"},{"key":"value","value":"wonder-land-9"},{"key":"in","value":"header"}]},"item":[{"name":"first","request":"https://a.example/a"},{"name":"second","request":{"method":"POST","url":"https://a.example/b","body":{"mode":"raw","raw":"<a/>","options":{"raw":{"language":"xml"}}}}}]}]}`,
		[]string{`stampede.Name("Second")`, `stampede.Body("application/xml"`, "v.account."},
		[]string{"wonder-land-9"},
	},
}
