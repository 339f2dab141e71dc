/// Powers of ten as exact integers.
enum PowerOfTen {
    /// - Parameter exponent: 0 to 18; callers pass differences of currency exponents, at most 4.
    static func value(_ exponent: Int) -> Int64 {
        precondition((0...18).contains(exponent), "10^\(exponent) does not fit 64 bits")
        return (0..<exponent).reduce(Int64(1)) { product, _ in product * 10 }
    }
}
