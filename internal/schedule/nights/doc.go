// Package nights says what the runs of a schedule came to ([Judge]): whether a night is worse than those before, over a family of figures of many
// names, with a stated chance of a false alarm for the whole family. It is pure; the ledger keeps the figures.
//
// A figure of a night is held against the level of up to twenty normal nights before it, on a scale on which its scatter does not depend on the level,
// by Student's t with the scatter of up to sixty nights. A night that is further away than the family's chance allows, by as much as matters, is
// suspicious; a second one in a row makes an alarm. A trend that two nights do not show is found by E-divisive over the nights since the last
// accepted change, and a slow way away from the baseline by the mean of three nights. An alarm stands until two nights in a row are as before, or until
// its level is accepted. A better level becomes the measure by itself.
package nights
