import Testing

@testable import LocalEmulator

@Suite struct StripeFormTests {
    @Test func nestsAsStripesClientsWriteIt() throws {
        let form = try StripeForm.decoding(
            "amount=1999&metadata[charge_id]=ch_1&metadata%5Bnote%5D=a+b%26c&expand[]=x&expand[]=y")
        #expect(form.fields?["amount"]?.text == "1999")
        #expect(form.fields?["metadata"]?.fields?["charge_id"]?.text == "ch_1")
        #expect(form.fields?["metadata"]?.fields?["note"]?.text == "a b&c")
        #expect(form.fields?["expand"]?.texts == ["x", "y"])
    }

    @Test func listsKeepTheOrderOfTheirIndexes() throws {
        let form = try StripeForm.decoding("types[1]=b&types[0]=a&types[10]=d&types[2]=c")
        #expect(form.fields?["types"]?.texts == ["a", "b", "c", "d"])
    }

    @Test func theLastOfEqualNamesCounts() throws {
        #expect(try StripeForm.decoding("a=1&a=2").fields?["a"]?.text == "2")
    }

    @Test func theOrderOfParametersDoesNotMatterForEquality() throws {
        let left = try StripeForm.decoding("a=1&b[x]=2&b[y]=3")
        #expect(left == (try StripeForm.decoding("b[y]=3&b[x]=2&a=1")))
        #expect(left != (try StripeForm.decoding("b[y]=3&b[x]=4&a=1")))
    }

    @Test(arguments: ["a=1&a[b]=2", "a[b]=2&a=1", "a[b=1", "a]b[=1", "[x]=1", "a=%zz", "a=%ff", "a[b]c=1"])
    func refusesWhatIsNoForm(_ text: String) {
        #expect(throws: StripeForm.Malformed.self) { try StripeForm.decoding(text) }
    }

    @Test func boundsDepthAndNumberOfParameters() throws {
        let deepest = "a" + String(repeating: "[b]", count: StripeForm.maximumDepth - 1)
        #expect(throws: Never.self) { try StripeForm.decoding(deepest + "=1") }
        #expect(throws: StripeForm.Malformed.self) { try StripeForm.decoding(deepest + "[b]=1") }
        let many = (0..<StripeForm.maximumPairs).map { "a\($0)=1" }.joined(separator: "&")
        #expect(throws: Never.self) { try StripeForm.decoding(many) }
        #expect(throws: StripeForm.Malformed.self) { try StripeForm.decoding(many + "&z=1") }
    }
}
