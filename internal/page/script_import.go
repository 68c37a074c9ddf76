package page

// importing reads what stands behind "import".
func (s *lexer) importing() bool {
	if !s.space() || s.at >= len(s.src) {
		return false
	}
	switch c := s.src[s.at]; c {
	case '(', '.': // a call, or import.meta: the usual tokens follow
		return true
	case '"', '\'':
		return s.specifier()
	}
	return s.clause()
}

// clause reads the names of an import up to its specifier: `a, {b as c} from "x"`.
func (s *lexer) clause() bool {
	from, as := false, false
	for n := 0; s.space() && s.at < len(s.src); n++ {
		switch c := s.src[s.at]; {
		case as && (c == '"' || c == '\''): // export * as "name"
			if _, ok := s.quoted(); !ok {
				return false
			}
			as = false
		case c == '"' || c == '\'':
			return from && n > 1 && s.specifier() // "from" alone is a name
		case c == '{':
			if from = false; !s.names() {
				return false
			}
		case c == '*' || c == ',':
			s.at++
			from = false
		case isNameByte(c):
			w := s.takeWord()
			if from, as = w == "from", w == "as"; w == "" {
				return false
			}
		default:
			return false
		}
	}
	return false
}

// exporting reads what stands behind "export", if it is of another module.
func (s *lexer) exporting() bool {
	if !s.space() || s.at >= len(s.src) {
		return false
	}
	switch s.src[s.at] {
	case '*':
		return s.clause()
	case '{':
	default:
		return true
	}
	if !s.names() || !s.space() {
		return false
	}
	at := s.at
	s.last = jsToken{kind: ';'}
	if s.at < len(s.src) && isNameByte(s.src[s.at]) && s.takeWord() == "from" {
		return s.space() && s.at < len(s.src) && (s.src[s.at] == '"' || s.src[s.at] == '\'') && s.specifier()
	}
	s.at = at
	return true
}

// names reads the names in braces.
func (s *lexer) names() bool {
	for s.at++; s.space() && s.at < len(s.src); {
		switch c := s.src[s.at]; {
		case c == '}':
			s.at++
			return true
		case c == '"' || c == '\'':
			if _, ok := s.quoted(); !ok {
				return false
			}
		case c == ',':
			s.at++
		case isNameByte(c):
			if s.takeWord() == "" {
				return false
			}
		default:
			return false
		}
	}
	return false
}

// specifier reads the name of a module and its attributes, and notes the import.
func (s *lexer) specifier() bool {
	name, ok := s.quoted()
	if !ok || !s.space() {
		return false
	}
	one := imported{name, scriptModule}
	if at := s.at; at < len(s.src) && isNameByte(s.src[at]) {
		if s.takeWord() != "with" {
			s.at = at
		} else if one.kind = s.attributes(); one.kind == noModule {
			return false
		}
	}
	s.last = jsToken{kind: ';'}
	if !s.seen[one] && len(s.found) < maxModuleImports {
		if s.seen == nil {
			s.seen = map[imported]bool{}
		}
		s.seen[one] = true
		s.found = append(s.found, one)
	}
	return true
}

// attributes reads `{type: "json"}`. It is noModule for what is no type, or no attribute that browsers know.
func (s *lexer) attributes() moduleKind {
	if !s.space() || s.at >= len(s.src) || s.src[s.at] != '{' {
		return noModule
	}
	kind, key := scriptModule, ""
	for s.at++; s.space() && s.at < len(s.src); {
		switch c := s.src[s.at]; {
		case c == '}':
			s.at++
			return kind
		case c == ',':
			s.at++
			key = ""
		case c == ':' && key != "":
			s.at++
			if !s.space() || s.at >= len(s.src) || s.src[s.at] != '"' && s.src[s.at] != '\'' {
				return noModule
			}
			value, ok := s.quoted()
			if !ok || key != "type" {
				return noModule
			}
			switch value {
			case "json":
				kind = jsonModule
			case "css":
				kind = styleModule
			default:
				return noModule
			}
		case c == '"' || c == '\'':
			if key, _ = s.quoted(); key == "" {
				return noModule
			}
		case isNameByte(c):
			if key = s.takeWord(); key == "" {
				return noModule
			}
		default:
			return noModule
		}
	}
	return noModule
}
