// The papers that the pages cite, each once, with title, checked against the pages of publishers or
// preprints.
export const thouless1983 =
  "D. J. Thouless, Quantization of particle transport, Phys. Rev. B 27, 6083 (1983)";
export const buttiker1986 =
  "M. Büttiker, Role of quantum coherence in series resistors, Phys. Rev. B 33, 3020 (1986): voltage probes";
export const brouwer1998 =
  "P. W. Brouwer, Scattering approach to parametric pumping, Phys. Rev. B 58, R10135 (1998)";
export const switkes1999 =
  "M. Switkes, C. M. Marcus, K. Campman, A. C. Gossard, An adiabatic quantum electron pump, Science 283, 1905 (1999)";
export const brouwer2001 =
  "P. W. Brouwer, Rectification of displacement currents in an adiabatic electron pump, Phys. Rev. B 63, 121303 (2001)";
export const moskalets2002 =
  "M. Moskalets, M. Büttiker, Floquet scattering theory of quantum pumps, Phys. Rev. B 66, 205320 (2002)";
export const dundas2009 =
  "D. Dundas, E. J. McEniry, T. N. Todorov, Current-driven atomic waterwheels, Nature Nanotechnology 4, 99 (2009): forces of a current that are not conservative turn a rotor of atoms";
export const bode2011 =
  "N. Bode, S. Viola Kusminskiy, R. Egger, F. von Oppen, Scattering theory of current-induced forces in mesoscopic systems, Phys. Rev. Lett. 107, 036804 (2011)";
export const bustosMarun2013 =
  "R. Bustos-Marún, G. Refael, F. von Oppen, Adiabatic quantum motors, Phys. Rev. Lett. 111, 060802 (2013)";
export const fernandezAlcazar2015 =
  "L. J. Fernández-Alcázar, R. A. Bustos-Marún, H. M. Pastawski, Decoherence in current induced forces: application to adiabatic quantum motors, Phys. Rev. B 92, 075406 (2015)";
export const fernandezAlcazar2017 =
  "L. J. Fernández-Alcázar, H. M. Pastawski, R. A. Bustos-Marún, Dynamics and decoherence in nonideal Thouless quantum motors, Phys. Rev. B 95, 155410 (2017)";
