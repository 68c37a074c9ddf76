package hpack

import (
	"bytes"
	"hash/maphash"
	"slices"
	"testing"

	oracle "golang.org/x/net/http2/hpack"
)

// FuzzDecode holds the decoder against that of golang.org/x/net: what one takes the other takes, with the same fields and the same table
// for what follows.
func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	e := oracle.NewEncoder(&b)
	for _, v := range []string{"1", "2", "a longer value that is worth a Huffman code", "2"} {
		e.WriteField(oracle.HeaderField{Name: ":status", Value: "200"})
		e.WriteField(oracle.HeaderField{Name: "x-some", Value: v})
		e.WriteField(oracle.HeaderField{Name: "set-cookie", Value: v, Sensitive: true})
	}
	f.Add(b.Bytes(), uint8(b.Len()/2))
	f.Add([]byte{0x20, 0x3f, 0xe1, 0x1f, 0x82, 0x41, 0x8c, 0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff, 0xbe}, uint8(4))
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		var d Decoder
		var want list
		o := oracle.NewDecoder(DefaultTable, func(f oracle.HeaderField) { want = append(want, f.Name+": "+f.Value) })
		var scratch []byte
		k := min(int(cut), len(data))
		for _, part := range [][]byte{data[:k], data[k:]} {
			want = nil
			var got list
			err := d.Decode(part, &scratch, &got)
			_, oerr := o.Write(part)
			if oerr == nil {
				oerr = o.Close()
			}
			if (err == nil) != (oerr == nil) {
				if tolerated(err, oerr) {
					return
				}
				t.Fatalf("%v, but golang.org/x/net says %v", err, oerr)
			}
			if err != nil {
				return
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%q, but golang.org/x/net says %q", got, want)
			}
		}
	})
}

// tolerated are the known differences: x/net takes numbers up to 2^63, and permits a change of the table's size behind another one only.
func tolerated(err, oerr error) bool {
	return err == ErrInteger || err == ErrSize && oerr == nil || err == nil && bytes.Contains([]byte(oerr.Error()), []byte("dynamic table size update"))
}

// FuzzEncode sends what the encoder makes through the decoder of golang.org/x/net.
func FuzzEncode(f *testing.F) {
	f.Add([]byte("cookie\x00a=b\x00x\x00y\x00cookie\x00a=b"), uint16(100), uint16(4096))
	f.Add(bytes.Repeat([]byte("name\x00value value value value\x00"), 40), uint16(0), uint16(300))
	f.Fuzz(func(t *testing.T, data []byte, small, large uint16) {
		var e Encoder
		var want, got list
		o := oracle.NewDecoder(DefaultTable, func(f oracle.HeaderField) { got = append(got, f.Name+": "+f.Value) })
		seed := maphash.MakeSeed()
		words := bytes.Split(data, []byte{0})
		for round := range 4 {
			want, got = nil, nil
			if round == 2 {
				e.SetTable(uint32(small))
				e.SetTable(uint32(large))
				o.SetAllowedMaxDynamicTableSize(uint32(min(large, DefaultTable)))
				if small < large { // both are told in one block
					o.SetAllowedMaxDynamicTableSize(DefaultTable)
				}
			}
			b := e.Begin(nil)
			for i := 0; i+1 < len(words); i += 2 {
				name := bytes.ToLower(words[i])
				b = e.Field(b, seed, name, words[i+1], How(i/2%3))
				want = append(want, string(name)+": "+string(words[i+1]))
			}
			if _, err := o.Write(b); err != nil {
				t.Fatal(err)
			}
			if err := o.Close(); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("round %d: %q, want %q", round, got, want)
			}
		}
	})
}

// FuzzHuffman encodes and decodes, and holds both against golang.org/x/net.
func FuzzHuffman(f *testing.F) {
	f.Add([]byte("www.example.com"))
	f.Add([]byte{0, 255, 10, 13, 200})
	f.Fuzz(func(t *testing.T, s []byte) {
		coded := appendEncoded(nil, s)
		if want := oracle.AppendHuffmanString(nil, string(s)); !bytes.Equal(coded, want) || encodedLen(s) != len(want) {
			t.Fatalf("%x, want %x", coded, want)
		}
		if back, ok := appendDecoded(nil, coded); !ok || !bytes.Equal(back, s) {
			t.Fatalf("%q, %v", back, ok)
		}
		got, ok := appendDecoded(nil, s)
		want, err := oracle.HuffmanDecodeToString(s)
		if ok != (err == nil) || ok && string(got) != want {
			t.Fatalf("%q, %v, want %q, %v", got, ok, want, err)
		}
	})
}

// A connection that has got going allocates nothing.
func TestAllocations(t *testing.T) {
	var e Encoder
	var d Decoder
	seed := maphash.MakeSeed()
	b, scratch := make([]byte, 0, 1024), make([]byte, 0, 1024)
	name, value, k := []byte("x-count"), []byte("0000"), 0
	var s silent
	if n := testing.AllocsPerRun(5000, func() {
		b = e.Begin(b[:0])
		k++
		value[0], value[1] = byte('0'+k%10), byte('0'+k/10%10)
		b = e.Field(b, seed, name, value, Remember)
		b = e.Field(b, seed, []byte("accept"), []byte("*/*"), Remember)
		if err := d.Decode(b, &scratch, s); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

type silent struct{}

func (silent) Field(_, _ []byte) {}
